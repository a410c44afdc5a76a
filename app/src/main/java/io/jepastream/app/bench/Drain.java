package io.jepastream.app.bench;

import io.jepastream.app.kafka.GroupLag;
import io.jepastream.app.kafka.StreamsStage;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.function.DoubleSupplier;

/** Follows a stage from its first record to the commit of its last: how fast it is once it runs. */
final class Drain {
    private static final Duration LOOK = Duration.ofMillis(10); // looking takes processor time too

    private final StreamsStage stage;
    private final DoubleSupplier done;
    private final GroupLag lag;

    /**
     * Follows one stage.
     *
     * @param stage not started yet
     * @param done records that it has worked on
     * @param lag of its group on its topic
     */
    Drain(StreamsStage stage, DoubleSupplier done, GroupLag lag) {
        this.stage = stage;
        this.done = done;
        this.lag = lag;
    }

    /** Starts the stage and waits until all records are done and committed; joining the group does not count. */
    Work run(long records) throws Exception {
        stage.start();
        await(stage, () -> done.getAsDouble() > 0);
        double first = done.getAsDouble();
        return Work.measure(() -> {
            await(stage, () -> done.getAsDouble() >= records);
            await(stage, () -> lag.offsets() == 0);
            return records - (long) first;
        });
    }

    /** Waits for something while a stage works; fails if the stage does. */
    static void await(StreamsStage stage, Callable<Boolean> condition) throws Exception {
        while (!condition.call()) {
            if (stage.awaitEnd(LOOK)) {
                throw new IllegalStateException("the stage ended: " + stage.failure());
            }
        }
    }
}
