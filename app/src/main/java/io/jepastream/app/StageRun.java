package io.jepastream.app;

import io.jepastream.app.kafka.StreamsStage;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/** One stage as a process. */
final class StageRun {
    private static final Duration LOOK = Duration.ofMillis(500);

    private StageRun() {}

    /**
     * Runs a stage until the process is asked to stop, the stage ends by itself, or there is a reason to end it.
     *
     * @param reason asked again and again
     * @return the exit code
     */
    static int untilStopped(StreamsStage stage, StopSignal stop, Supplier<Optional<String>> reason)
            throws InterruptedException {
        stage.start();
        while (!stop.await(LOOK)) {
            if (stage.awaitEnd(Duration.ZERO)) {
                stage.failure().ifPresent(error -> System.err.println("jepa: the stage ended: " + error));
                return 1;
            }
            Optional<String> end = reason.get();
            if (end.isPresent()) {
                System.err.println("jepa: " + end.get());
                return 1;
            }
        }
        return 0;
    }
}
