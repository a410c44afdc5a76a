package io.jepastream.app.bench;

import io.jepastream.ingest.camera.FrameRate;
import io.jepastream.ingest.clip.ClipConfig;
import java.time.Duration;

/**
 * What the stream is measured with.
 *
 * @param cameras that send, 1 or more
 * @param side short side of their pictures, pixels
 * @param rate frames of a second of each
 * @param seconds of footage of each camera that stage and broker are given at once
 * @param live how long the cameras send in real time
 * @param clips how windows lie
 * @param partitions of each topic, 1 or more
 * @param threads of {@code assemble}, 1 or more
 * @param batch most clips of a call of the model; {@code encode} has twice as many threads
 * @param model time of one call of the model
 */
public record StreamSettings(
        int cameras,
        int side,
        FrameRate rate,
        int seconds,
        Duration live,
        ClipConfig clips,
        int partitions,
        int threads,
        int batch,
        Duration model) {
    /** Checks. */
    public StreamSettings {
        require("cameras", cameras, 1000);
        require("seconds", seconds, 36_000);
        require("partitions", partitions, 1000);
        require("threads", threads, 64);
        require("batch", batch, 64);
    }

    private static void require(String name, int value, int most) {
        if (value < 1 || value > most) {
            throw new IllegalArgumentException("--%s: want 1 to %d, got %d".formatted(name, most, value));
        }
    }

    /** Threads of {@code encode}, as a served model has them. */
    int encodeThreads() {
        return 2 * batch;
    }

    /** Frames of each camera within its footage. */
    long frames() {
        return seconds * rate.numerator() / rate.denominator();
    }
}
