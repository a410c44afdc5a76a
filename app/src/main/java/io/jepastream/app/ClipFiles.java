package io.jepastream.app;

import io.jepastream.ingest.media.Picture;
import io.jepastream.ingest.media.PictureDecoder;
import io.jepastream.ingest.media.PictureEncoder;
import io.jepastream.ingest.media.PictureException;
import io.jepastream.ingest.media.PictureVideo;
import io.jepastream.ingest.wire.Clip;
import io.jepastream.ingest.wire.ClipFrame;
import io.jepastream.ingest.wire.ImageEncoding;
import io.jepastream.ingest.wire.Wire;
import io.jepastream.ingest.wire.WireException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Clips of the {@code clips} topic as files: {@code DIR/CAMERA/START.mkv} and {@code DIR/clips.txt}, which lists them. */
final class ClipFiles {
    private static final Logger LOG = LoggerFactory.getLogger(ClipFiles.class);
    private static final DateTimeFormatter START = DateTimeFormatter.ofPattern(
                    "uuuu-MM-dd'T'HH-mm-ss.SSSSSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);
    private static final Pattern FOLDER = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}");
    private static final String LIST = "clips.txt";
    private static final String UNFINISHED = ".unfinished.mkv";

    private final Path dir;
    private final Instant from;
    private final Instant to;
    private final List<String> cameras;
    private final Wire<Clip> wire = Wire.clips();
    private int saved;
    private int there;
    private int failures;

    /** Clips that start from {@code from} on and before {@code to}; of all cameras where none is named. */
    ClipFiles(Path dir, Instant from, Instant to, List<String> cameras) {
        this.dir = dir;
        this.from = from;
        this.to = to;
        this.cameras = cameras;
    }

    /** Saves a record if it is wanted. One that cannot be read is counted and named in the log. */
    void accept(ConsumerRecord<byte[], byte[]> record) throws IOException {
        try {
            Clip clip = wire.read(record.value());
            Instant start = Instant.EPOCH.plus(clip.getStart(), ChronoUnit.MICROS);
            boolean wanted = cameras.isEmpty() || cameras.contains(clip.getCamera());
            if (wanted && !start.isBefore(from) && start.isBefore(to)) {
                save(clip, start);
            }
        } catch (WireException | PictureException e) {
            failures++;
            LOG.warn("{}-{}@{}: {}", record.topic(), record.partition(), record.offset(), e.getMessage());
        }
    }

    private void save(Clip clip, Instant start) throws IOException, PictureException {
        if (!FOLDER.matcher(clip.getCamera()).matches()) {
            throw new PictureException(
                    "camera: want a name that can be a folder's, got '%s'".formatted(clip.getCamera()));
        }
        Path file = dir.resolve(clip.getCamera()).resolve(START.format(start) + ".mkv");
        if (Files.exists(file)) {
            there++;
            return;
        }
        Files.createDirectories(dir.resolve(clip.getCamera()));
        Path unfinished = dir.resolve(UNFINISHED);
        write(unfinished, clip);
        Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
        saved++;
    }

    private static void write(Path file, Clip clip) throws IOException, PictureException {
        List<byte[]> pictures = new ArrayList<>();
        ClipFrame first = shown(clip, 0);
        boolean raw = first.getEncoding() == ImageEncoding.RGB24;
        for (int slot = 0; slot < clip.getFrames().size(); slot++) {
            ClipFrame frame = shown(clip, slot);
            boolean alike = frame.getWidth() == first.getWidth()
                    && frame.getHeight() == first.getHeight()
                    && frame.getEncoding() == first.getEncoding();
            if (!alike || frame.getEncoding() == ImageEncoding.UNKNOWN) {
                throw new PictureException("clip: want pictures of one size and kind, got %dx%d %s and %dx%d %s"
                        .formatted(
                                first.getWidth(),
                                first.getHeight(),
                                first.getEncoding(),
                                frame.getWidth(),
                                frame.getHeight(),
                                frame.getEncoding()));
            }
            byte[] data = Wire.bytes(frame.getData());
            pictures.add(raw ? packed(frame, data) : data);
        }
        ImageEncoding kept = raw ? ImageEncoding.PNG : first.getEncoding();
        PictureVideo.write(file, kept, first.getWidth(), first.getHeight(), pictures, clip.getEnd() - clip.getStart());
    }

    /** The picture that a slot shows: its own or another slot's. */
    private static ClipFrame shown(Clip clip, int slot) throws PictureException {
        int count = clip.getFrames().size();
        int source = slot < count ? clip.getFrames().get(slot).getSource() : count;
        int shown = source < 0 ? slot : source;
        if (shown >= count) {
            throw new PictureException("clip: want a picture for slot %d, got %d pictures".formatted(shown, count));
        }
        return clip.getFrames().get(shown);
    }

    /** Players know no raw pictures in such files: PNG loses nothing either. */
    private static byte[] packed(ClipFrame frame, byte[] rows) throws PictureException {
        try (PictureDecoder decoder = new PictureDecoder();
                PictureEncoder encoder = new PictureEncoder(ImageEncoding.PNG, PictureEncoder.DEFAULT_QUALITY)) {
            Picture picture = decoder.decode(ImageEncoding.RGB24, rows, frame.getWidth(), frame.getHeight());
            return encoder.encode(picture);
        }
    }

    /** Clips that could not be saved. */
    int failures() {
        return failures;
    }

    /** Writes the list of all clips in the folder, also of earlier runs; returns what to tell the user. */
    String finish() throws IOException {
        if (!Files.isDirectory(dir)) {
            return "no clip in this range; nothing was written";
        }
        List<String> lines;
        try (Stream<Path> walk = Files.walk(dir, 2)) {
            lines = walk.filter(file -> file.toString().endsWith(".mkv"))
                    .filter(file -> !file.endsWith(UNFINISHED))
                    .map(file -> dir.relativize(file).toString())
                    .sorted()
                    .toList();
        }
        Files.write(dir.resolve(LIST), lines);
        String bad = failures == 0 ? "" : ", %d that cannot be read (see the log)".formatted(failures);
        return "%d clips saved, %d there already%s: %s lists %d"
                .formatted(saved, there, bad, dir.resolve(LIST), lines.size());
    }
}
