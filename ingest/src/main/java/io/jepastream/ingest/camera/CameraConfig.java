package io.jepastream.ingest.camera;

import io.jepastream.ingest.media.PictureEncoder;
import io.jepastream.ingest.media.PictureScaler;
import io.jepastream.ingest.media.SourceOptions;
import io.jepastream.ingest.media.SourceUrl;
import io.jepastream.ingest.synth.SyntheticSettings;
import io.jepastream.ingest.wire.ImageEncoding;
import java.time.Duration;
import java.time.Instant;
import java.util.regex.Pattern;

/**
 * One camera and how it is captured.
 *
 * @param id 1 to 128 characters of {@code A-Z a-z 0-9 . _ -}
 * @param url where its pictures come from
 * @param rate at most so many frames are kept; default 32/3 per second
 * @param shortSide of the pictures, pixels, even, 0 for the source's own size; default 256
 * @param encoding JPEG (default), PNG or RGB24
 * @param quality JPEG quality, 1 to 100; default 95
 * @param realtime whether a file plays at its own speed; default as fast as it decodes
 * @param start event time of a file's beginning; default 2000-01-01T00:00:00Z, so that runs repeat
 * @param options deadlines and transport of the source
 * @param policy what happens when frames come faster than they are taken; default {@link Policy#DROP_OLDEST} for live
 *     sources, else {@link Policy#BLOCK}
 * @param queue frames that may wait to be taken, 1 to 10,000; default 32
 * @param stallAfter how long a connected camera may be silent before it counts as stalled; default 5 s
 */
public record CameraConfig(
        String id,
        SourceUrl url,
        FrameRate rate,
        int shortSide,
        ImageEncoding encoding,
        int quality,
        boolean realtime,
        Instant start,
        SourceOptions options,
        Policy policy,
        int queue,
        Duration stallAfter) {
    /** What happens when frames come faster than they are taken. */
    public enum Policy {
        /** The source waits: nothing is lost, and a file takes longer. */
        BLOCK,
        /** The frame that waited longest is dropped and counted: a live camera stays live. */
        DROP_OLDEST
    }

    /** Where a file's event time begins unless told otherwise. */
    public static final Instant DEFAULT_START = Instant.parse("2000-01-01T00:00:00Z");

    private static final Pattern ID = Pattern.compile("[A-Za-z0-9._-]{1,128}");
    private static final Instant LATEST_START = Instant.parse("2200-01-01T00:00:00Z");

    /** Checks. */
    public CameraConfig {
        require(ID.matcher(id).matches(), "camera id", "1 to 128 characters of A-Z a-z 0-9 . _ -", id);
        PictureScaler.requireShortSide(shortSide);
        require(encoding != ImageEncoding.UNKNOWN, "picture encoding", "JPEG, PNG or RGB24", encoding);
        require(quality >= 1 && quality <= 100, "JPEG quality", "1 to 100", quality);
        boolean inTime = !start.isBefore(Instant.EPOCH) && start.isBefore(LATEST_START);
        require(inTime, "start time", "1970 to 2199", start);
        require(queue >= 1 && queue <= 10_000, "queue", "1 to 10000 frames", queue);
        boolean stallable = stallAfter.toMillis() >= 100 && stallAfter.toHours() < 24;
        require(stallable, "stall time", "0.1 s to 24 h", stallAfter);
        if (url.kind() == SourceUrl.Kind.SYNTH) {
            SyntheticSettings.parse(url.target());
        }
    }

    private static void require(boolean good, String what, String wanted, Object got) {
        if (!good) {
            throw new IllegalArgumentException("%s: want %s, got '%s'".formatted(what, wanted, got));
        }
    }

    /** Starts with every setting at its default. */
    public static Builder builder(String id, SourceUrl url) {
        return new Builder(id, url);
    }

    /** Event time of a file's beginning, epoch microseconds. */
    long startMicros() {
        return start.getEpochSecond() * 1_000_000 + start.getNano() / 1000;
    }

    /** Collects settings; the defaults live here and nowhere else. */
    public static final class Builder {
        private final String id;
        private final SourceUrl url;
        private FrameRate rate = FrameRate.DEFAULT;
        private int shortSide = PictureScaler.DEFAULT_SHORT_SIDE;
        private ImageEncoding encoding = ImageEncoding.JPEG;
        private int quality = PictureEncoder.DEFAULT_QUALITY;
        private boolean realtime;
        private Instant start = DEFAULT_START;
        private SourceOptions options = SourceOptions.DEFAULTS;
        private Policy policy;
        private int queue = 32;
        private Duration stallAfter = Duration.ofSeconds(5);

        private Builder(String id, SourceUrl url) {
            this.id = id;
            this.url = url;
            this.policy = url.looksLive() ? Policy.DROP_OLDEST : Policy.BLOCK;
        }

        /** Sets the sampling rate. */
        public Builder rate(FrameRate value) {
            rate = value;
            return this;
        }

        /** Sets the pictures' short side, pixels. */
        public Builder shortSide(int value) {
            shortSide = value;
            return this;
        }

        /** Sets how pictures are encoded; the quality, 1 to 100, only matters for JPEG. */
        public Builder encoding(ImageEncoding value, int jpegQuality) {
            encoding = value;
            quality = jpegQuality;
            return this;
        }

        /** Plays a file at its own speed, or as fast as it decodes. */
        public Builder realtime(boolean value) {
            realtime = value;
            return this;
        }

        /** Sets the event time of a file's beginning. */
        public Builder start(Instant value) {
            start = value;
            return this;
        }

        /** Sets how the source is opened and read. */
        public Builder options(SourceOptions value) {
            options = value;
            return this;
        }

        /** Sets what happens when frames come faster than they are taken, and how many may wait. */
        public Builder policy(Policy value, int frames) {
            policy = value;
            queue = frames;
            return this;
        }

        /** Sets how long a connected camera may be silent before it counts as stalled. */
        public Builder stallAfter(Duration value) {
            stallAfter = value;
            return this;
        }

        /**
         * Builds.
         *
         * @throws IllegalArgumentException naming the first setting that is wrong
         */
        public CameraConfig build() {
            return new CameraConfig(
                    id, url, rate, shortSide, encoding, quality, realtime, start, options, policy, queue, stallAfter);
        }
    }
}
