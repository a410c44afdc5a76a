package io.jepastream.app;

import io.jepastream.ingest.clip.ClipConfig;
import java.time.Duration;
import picocli.CommandLine.Option;

/** How windows lie on time. */
final class ClipOptions {
    @Option(
            names = "--clip-length",
            converter = Durations.class,
            defaultValue = "3s",
            paramLabel = "TIME",
            description = "Length of a window (default ${DEFAULT-VALUE}).")
    private Duration length = Duration.ofSeconds(3);

    @Option(
            names = "--hop",
            defaultValue = "0",
            paramLabel = "SLOTS",
            description = "Slots between the starts of windows (default: as many as a clip has, no overlap).")
    private int hop;

    @Option(
            names = "--max-missing",
            defaultValue = "4",
            paramLabel = "SLOTS",
            description = "Most empty slots of a clip; a window with more is a gap (default ${DEFAULT-VALUE}).")
    private int maxMissing = 4;

    @Option(
            names = "--lateness",
            converter = Durations.class,
            defaultValue = "500ms",
            paramLabel = "TIME",
            description = "How long past its end a window waits for frames (default ${DEFAULT-VALUE}).")
    private Duration lateness = Duration.ofMillis(500);

    @Option(
            names = "--max-jump",
            converter = Durations.class,
            defaultValue = "30s",
            paramLabel = "TIME",
            description = "Farthest step of a camera's clock that is not a new start (default ${DEFAULT-VALUE}).")
    private Duration maxJump = Duration.ofSeconds(30);

    /** The configuration, checked. */
    ClipConfig config() {
        return new ClipConfig.Builder()
                .length(length)
                .hopSlots(hop)
                .maxMissing(maxMissing)
                .lateness(lateness)
                .maxJump(maxJump)
                .build();
    }
}
