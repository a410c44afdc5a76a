package io.jepastream.trainer.data;

import io.jepastream.ingest.media.Picture;
import io.jepastream.ingest.media.PictureDecoder;
import io.jepastream.ingest.media.PictureEncoder;
import io.jepastream.ingest.media.PictureException;
import io.jepastream.ingest.media.PictureScaler;
import io.jepastream.ingest.media.SourceException;
import io.jepastream.ingest.media.VideoIndex;
import io.jepastream.ingest.media.VideoReader;
import io.jepastream.ingest.wire.ImageEncoding;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Frames of videos by number, scaled to a short side, so that training does not decode a video in every epoch. With a
 * folder, decoded frames are kept there in pieces of {@value #PIECE} frames of a video, each a file: the first sample of a
 * piece decodes it from the keyframe before on, so an hour of video is never decoded as a whole for one sample. Without a
 * folder every sample is decoded from the keyframe before it.
 *
 * <p>Files are written whole or not at all, and made anew when the video has another size or time of change; any number of
 * processes may share a folder. When the folder is full nothing is thrown out: with every video coming once per epoch,
 * the oldest frames are as likely to be wanted as any. Frames pass through the same compression then, so what comes does
 * not depend on what is kept. Thread-safe.
 */
public final class FrameCache {
    /** Frames in one file. */
    static final int PIECE = 512;

    private static final int LOCKS = 64;

    private final int shortSide;
    private final int quality;
    private final @Nullable CacheFolder folder;
    private final IndexStore indices;
    private final Object[] locks = new Object[LOCKS];
    private final AtomicLong decoded = new AtomicLong();

    /**
     * How frames are kept.
     *
     * @param shortSide pixels, even; smaller videos keep their size, and 0 keeps all
     * @param quality of JPEG, 1 to 100; 0: raw, without loss
     * @param mostBytes of all files together
     */
    public record Settings(int shortSide, int quality, long mostBytes) {
        public Settings {
            PictureScaler.requireShortSide(shortSide);
            if (quality < 0 || quality > 100 || mostBytes < 0) {
                throw new IllegalArgumentException(
                        "frame cache: want a quality of 0 to 100 and bytes from 0, got %d and %d"
                                .formatted(quality, mostBytes));
            }
        }

        /** What a crop of so many pixels is well cut from: 1.15 times as large, JPEG of quality 95, up to 20 GB. */
        public static Settings forCrop(int crop) {
            int side = 2 * (int) Math.ceil(crop * 1.15 / 2);
            return new Settings(side, PictureEncoder.DEFAULT_QUALITY, 20_000_000_000L);
        }
    }

    private FrameCache(int shortSide, int quality, @Nullable CacheFolder folder) {
        this.shortSide = shortSide;
        this.quality = quality;
        this.folder = folder;
        this.indices = new IndexStore(folder);
        for (int i = 0; i < LOCKS; i++) {
            locks[i] = new Object();
        }
    }

    /**
     * Decodes every time, and keeps only the videos' indices, in memory.
     *
     * @param shortSide pixels, even; smaller videos keep their size, and 0 keeps all
     */
    public static FrameCache none(int shortSide) {
        PictureScaler.requireShortSide(shortSide);
        return new FrameCache(shortSide, 0, null);
    }

    /**
     * Keeps frames in a folder, which is made if need be.
     *
     * @throws IOException if the folder cannot be made or read
     */
    public static FrameCache in(Path folder, Settings settings) throws IOException {
        return new FrameCache(settings.shortSide(), settings.quality(), CacheFolder.open(folder, settings.mostBytes()));
    }

    /** Frames decoded from videos so far; the others came from the folder. */
    public long decodedFrames() {
        return decoded.get();
    }

    /**
     * When the frames of a video are shown.
     *
     * @throws IOException naming the file, if it cannot be read
     */
    public VideoIndex index(Path video) throws IOException {
        return indices.of(video, stamp(video));
    }

    /**
     * Reads frames.
     *
     * @param numbers from 0 to below the index's frames, in any order, maybe more than once
     * @return a picture for each number; one for equal numbers
     * @throws IOException naming the file, if it cannot be read
     */
    public List<Picture> frames(Path video, int[] numbers) throws IOException {
        FrameFile.Stamp stamp = stamp(video);
        VideoIndex index = indices.of(video, stamp);
        TreeSet<Integer> wanted = new TreeSet<>();
        for (int number : numbers) {
            if (number < 0 || number >= index.frames()) {
                throw new IOException(
                        "video %s: want a frame from 0 to %d, got %d".formatted(video, index.frames() - 1, number));
            }
            wanted.add(number);
        }
        Map<Integer, Picture> found = new HashMap<>();
        try (VideoReader reader = new VideoReader(video, index);
                PictureDecoder decoder = new PictureDecoder()) {
            Job job = new Job(video, stamp, index, reader, decoder);
            for (int piece = wanted.first() / PIECE; piece <= wanted.last() / PIECE; piece++) {
                SortedSet<Integer> inside = wanted.subSet(piece * PIECE, (piece + 1) * PIECE);
                if (!inside.isEmpty()) {
                    found.putAll(job.piece(piece, inside));
                }
            }
        }
        List<Picture> pictures = new ArrayList<>();
        for (int number : numbers) {
            pictures.add(Objects.requireNonNull(found.get(number)));
        }
        return pictures;
    }

    private static FrameFile.Stamp stamp(Path video) throws IOException {
        try {
            BasicFileAttributes attributes = Files.readAttributes(video, BasicFileAttributes.class);
            return new FrameFile.Stamp(
                    attributes.size(), attributes.lastModifiedTime().toMillis());
        } catch (NoSuchFileException e) {
            throw new NoSuchFileException("video %s: want a file, got nothing".formatted(video));
        }
    }

    /** One request's reading of one video. */
    private final class Job {
        private final Path video;
        private final FrameFile.Stamp stamp;
        private final VideoIndex index;
        private final VideoReader reader;
        private final PictureDecoder decoder;
        private int side = -1;

        Job(Path video, FrameFile.Stamp stamp, VideoIndex index, VideoReader reader, PictureDecoder decoder) {
            this.video = video;
            this.stamp = stamp;
            this.index = index;
            this.reader = reader;
            this.decoder = decoder;
        }

        Map<Integer, Picture> piece(int piece, SortedSet<Integer> wanted) throws IOException {
            CacheFolder kept = folder;
            if (kept == null) {
                return decode(wanted);
            }
            String name = "%s|%d|%d|%d".formatted(video.toAbsolutePath().normalize(), shortSide, quality, piece);
            Path file = kept.file(name, "frames");
            Optional<Map<Integer, Picture>> there = read(file, piece, wanted);
            if (there.isPresent()) {
                return there.get();
            }
            if (kept.isFull()) {
                return throughCompression(decode(wanted));
            }
            synchronized (locks[Math.floorMod(name.hashCode(), LOCKS)]) {
                there = read(file, piece, wanted); // another thread may have made it meanwhile
                return there.isPresent() ? there.get() : fill(kept, file, piece, wanted);
            }
        }

        /** Empty where the file is not there, of another state of the video, or damaged. */
        private Optional<Map<Integer, Picture>> read(Path file, int piece, SortedSet<Integer> wanted)
                throws IOException {
            List<Integer> inside =
                    wanted.stream().map(number -> number - piece * PIECE).toList();
            try {
                return FrameFile.read(file, stamp, inside, decoder).map(pictures -> byNumber(wanted, pictures));
            } catch (ClosedByInterruptException e) {
                throw e;
            } catch (IOException e) {
                return Optional.empty(); // decoded and written anew
            }
        }

        private static Map<Integer, Picture> byNumber(SortedSet<Integer> numbers, List<Picture> pictures) {
            Map<Integer, Picture> found = new HashMap<>();
            for (int number : numbers) {
                found.put(number, pictures.get(found.size()));
            }
            return found;
        }

        private Map<Integer, Picture> fill(CacheFolder kept, Path file, int piece, SortedSet<Integer> wanted)
                throws IOException {
            Map<Integer, Picture> found = new HashMap<>();
            try (FrameFile.Builder builder = new FrameFile.Builder(quality)) {
                int end = Math.min(index.frames(), (piece + 1) * PIECE);
                for (int number = piece * PIECE; number < end; number++) {
                    Picture picture = decode(number);
                    builder.add(picture);
                    if (wanted.contains(number)) {
                        found.put(number, picture);
                    }
                }
                kept.write(file, out -> builder.writeTo(out, stamp));
            }
            return throughCompression(found);
        }

        private Map<Integer, Picture> decode(SortedSet<Integer> wanted) throws IOException {
            Map<Integer, Picture> found = new HashMap<>();
            for (int number : wanted) {
                found.put(number, decode(number));
            }
            return found;
        }

        private Picture decode(int number) throws IOException {
            if (Thread.currentThread().isInterrupted()) {
                throw new InterruptedIOException("video %s: interrupted".formatted(video));
            }
            try {
                decoded.incrementAndGet();
                if (side < 0) {
                    Picture whole = reader.frame(number, 0);
                    boolean small = shortSide == 0 || Math.min(whole.width(), whole.height()) <= shortSide;
                    side = small ? 0 : shortSide;
                    return small ? whole : reader.frame(number, side);
                }
                return reader.frame(number, side);
            } catch (SourceException | PictureException e) {
                throw new IOException("video %s: %s".formatted(video, e.getMessage()), e);
            }
        }

        /** The pictures as they come back out of a file. */
        private Map<Integer, Picture> throughCompression(Map<Integer, Picture> pictures) throws IOException {
            ImageEncoding encoding = FrameFile.encoding(quality);
            if (encoding == ImageEncoding.RGB24) {
                return pictures;
            }
            Map<Integer, Picture> through = new HashMap<>();
            try (PictureEncoder encoder = new PictureEncoder(encoding, quality)) {
                for (Map.Entry<Integer, Picture> each : pictures.entrySet()) {
                    Picture picture = each.getValue();
                    byte[] packed = encoder.encode(picture);
                    through.put(each.getKey(), decoder.decode(encoding, packed, picture.width(), picture.height()));
                }
            } catch (PictureException e) {
                throw new IOException("video %s: %s".formatted(video, e.getMessage()), e);
            }
            return through;
        }
    }
}
