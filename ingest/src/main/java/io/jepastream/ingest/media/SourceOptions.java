package io.jepastream.ingest.media;

import java.time.Duration;
import java.util.Map;

/**
 * How a {@link FrameSource} is opened and read.
 *
 * @param openDeadline longest time to connect and to learn what the stream holds; default 15 s
 * @param readDeadline longest time between two frames; default 10 s
 * @param transport how RTSP carries the pictures; default TCP
 * @param extra more options by libav's names, such as {@code video_size} for a webcam; a name that the source does not
 *     know is an error
 */
public record SourceOptions(
        Duration openDeadline, Duration readDeadline, Transport transport, Map<String, String> extra) {
    /** How RTSP carries the pictures. */
    public enum Transport {
        /** In the control connection: slower to forget, but nothing is lost. */
        TCP,
        /** In datagrams. */
        UDP
    }

    /** Everything at its default. */
    public static final SourceOptions DEFAULTS =
            new SourceOptions(Duration.ofSeconds(15), Duration.ofSeconds(10), Transport.TCP, Map.of());

    /** Checks. */
    public SourceOptions {
        requirePositive("open deadline", openDeadline);
        requirePositive("read deadline", readDeadline);
        extra = Map.copyOf(extra);
    }

    private static void requirePositive(String what, Duration value) {
        if (value.isNegative() || value.isZero() || value.compareTo(Duration.ofHours(1)) > 0) {
            throw new IllegalArgumentException(what + ": want more than 0 and at most 1 h, got " + value);
        }
    }

    /** Returns the same with other deadlines. */
    public SourceOptions withDeadlines(Duration open, Duration read) {
        return new SourceOptions(open, read, transport, extra);
    }

    /** Names of the further options, but not their values: some hold passwords and cookies. */
    @Override
    public String toString() {
        return "SourceOptions[openDeadline=%s, readDeadline=%s, transport=%s, extra=%s]"
                .formatted(openDeadline, readDeadline, transport, extra.keySet());
    }
}
