package io.jepastream.app.plan;

import io.jepastream.encoder.EncoderConfig;
import java.time.Duration;

/**
 * What a site shall do.
 *
 * @param cameras 1 or more
 * @param framesPerSecond that each camera sends
 * @param pictureBytes of one compressed frame
 * @param slots pictures of a clip
 * @param length of a clip
 * @param hop from one clip's start to the next
 * @param copies of each partition
 * @param standbys copies of local state on other workers
 * @param kept how long frames and clips are kept
 * @param model that encodes
 */
public record Demand(
        long cameras,
        double framesPerSecond,
        long pictureBytes,
        int slots,
        Duration length,
        Duration hop,
        int copies,
        int standbys,
        Duration kept,
        EncoderConfig model) {
    public Demand {
        require(cameras >= 1 && cameras <= 10_000_000, "cameras: want 1 to 10000000, got %s", cameras);
        require(framesPerSecond > 0 && framesPerSecond <= 1000, "fps: want above 0, to 1000, got %s", framesPerSecond);
        require(pictureBytes >= 1 && pictureBytes <= 520_000, "picture: want 1 to 520000 bytes, got %s", pictureBytes);
        require(copies >= 1 && copies <= 16, "replication: want 1 to 16, got %s", copies);
        require(standbys >= 0 && standbys <= 16, "standbys: want 0 to 16, got %s", standbys);
        require(hop.toMillis() > 0, "hop: want above 0, got %s", hop);
        require(!kept.isNegative(), "frames-retention: want 0 or more, got %s", kept);
    }

    private static void require(boolean condition, String message, Object got) {
        if (!condition) {
            throw new IllegalArgumentException(message.formatted(got));
        }
    }

    double frames() {
        return cameras * framesPerSecond;
    }

    double clips() {
        return cameras * 1000.0 / hop.toMillis();
    }

    /** Pictures a second that the assembler keeps: the first of each slot, or every one where there are fewer. */
    double keptPictures() {
        return cameras * Math.min(framesPerSecond, slots * 1000.0 / length.toMillis());
    }

    /** Pictures of a clip that are not repeats of others. */
    double picturesOfAClip() {
        return Math.min(slots, framesPerSecond * length.toMillis() / 1000.0);
    }
}
