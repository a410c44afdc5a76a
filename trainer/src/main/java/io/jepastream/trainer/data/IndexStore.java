package io.jepastream.trainer.data;

import io.jepastream.ingest.media.SourceException;
import io.jepastream.ingest.media.VideoIndex;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Indices of videos: the latest in memory, all in the cache's folder if there is one. Thread-safe. */
final class IndexStore {
    private static final int IN_MEMORY = 8192;
    private static final int MAGIC = 0x4A494458; // JIDX
    private static final int VERSION = 1;
    private static final int HEAD = 28;

    private final @Nullable CacheFolder folder;
    private final Map<Path, Entry> latest = new LinkedHashMap<>(16, 0.75f, true);

    private record Entry(FrameFile.Stamp stamp, VideoIndex index) {}

    IndexStore(@Nullable CacheFolder folder) {
        this.folder = folder;
    }

    VideoIndex of(Path video, FrameFile.Stamp stamp) throws IOException {
        synchronized (latest) {
            Entry entry = latest.get(video);
            if (entry != null && entry.stamp().equals(stamp)) {
                return entry.index();
            }
        }
        VideoIndex index = load(video, stamp);
        synchronized (latest) {
            latest.put(video, new Entry(stamp, index));
            if (latest.size() > IN_MEMORY) {
                latest.remove(latest.keySet().iterator().next());
            }
        }
        return index;
    }

    private VideoIndex load(Path video, FrameFile.Stamp stamp) throws IOException {
        CacheFolder kept = folder;
        Path file = kept == null ? null : kept.file(video.toAbsolutePath().normalize() + "|index", "index");
        if (file != null && Files.exists(file)) {
            Optional<VideoIndex> index = read(Files.readAllBytes(file), stamp);
            if (index.isPresent()) {
                return index.get();
            }
        }
        try {
            VideoIndex index = VideoIndex.of(video);
            // A picture's index is read as fast from the picture itself.
            if (kept != null && file != null && index.frames() > 1 && !kept.isFull()) {
                kept.write(file, out -> out.write(bytes(index, stamp)));
            }
            return index;
        } catch (SourceException e) {
            throw new IOException("video %s: %s".formatted(video, e.getMessage()), e);
        }
    }

    /** Magic, version, stamp, frames, then for each frame its time doubled, plus one for a keyframe. */
    static byte[] bytes(VideoIndex index, FrameFile.Stamp stamp) {
        ByteBuffer bytes = ByteBuffer.allocate(HEAD + 8 * index.frames());
        bytes.putInt(MAGIC).putInt(VERSION).putLong(stamp.bytes()).putLong(stamp.changed());
        bytes.putInt(index.frames());
        for (int i = 0; i < index.frames(); i++) {
            bytes.putLong(2 * index.micros(i) + (index.isKeyframe(i) ? 1 : 0));
        }
        return bytes.array();
    }

    /** Empty for another state of the video, another version, or a damaged file. */
    static Optional<VideoIndex> read(byte[] from, FrameFile.Stamp stamp) {
        ByteBuffer bytes = ByteBuffer.wrap(from);
        if (from.length < HEAD + 8 || bytes.getInt() != MAGIC || bytes.getInt() != VERSION) {
            return Optional.empty();
        }
        FrameFile.Stamp of = new FrameFile.Stamp(bytes.getLong(), bytes.getLong());
        int frames = bytes.getInt();
        if (!of.equals(stamp) || from.length != HEAD + 8L * frames) {
            return Optional.empty();
        }
        long[] micros = new long[frames];
        BitSet keys = new BitSet();
        for (int i = 0; i < frames; i++) {
            long value = bytes.getLong();
            micros[i] = value >> 1;
            keys.set(i, (value & 1) == 1);
        }
        return Optional.of(new VideoIndex(micros, keys));
    }
}
