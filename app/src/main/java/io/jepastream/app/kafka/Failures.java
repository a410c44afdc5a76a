package io.jepastream.app.kafka;

import io.jepastream.encoder.stream.BrokenModelException;
import io.jepastream.encoder.stream.SlowModelException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of a stage whose thread failed: the thread is replaced, a few times, unless the next one would meet the same. Used
 * by one thread at a time.
 */
final class Failures {
    static final int MOST_REPLACED = 5;
    static final Duration WITHIN = Duration.ofMinutes(5);

    private final LongSupplier nanoClock;
    private int replaced;
    private long firstReplacedAt;

    /**
     * None so far.
     *
     * @param nanoClock as {@link System#nanoTime}
     */
    Failures(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
    }

    /**
     * Counts a failure and says whether the thread is to be replaced; else the stage ends. A slow model is no failure: who waits
     * for it knows when to end.
     */
    boolean mayGoOn(Throwable error) {
        if (error instanceof Error || find(error, BrokenModelException.class).isPresent()) {
            return false;
        }
        if (find(error, SlowModelException.class).isPresent()) {
            return true;
        }
        long now = nanoClock.getAsLong();
        if (replaced == 0 || now - firstReplacedAt > WITHIN.toNanos()) {
            replaced = 0;
            firstReplacedAt = now;
        }
        replaced++;
        return replaced <= MOST_REPLACED;
    }

    /** The error in words: what the model's operator must know if it is the model, else the error and where it began. */
    static String inWords(Throwable error) {
        Optional<BrokenModelException> model = find(error, BrokenModelException.class);
        if (model.isPresent()) {
            return String.valueOf(model.get().getMessage());
        }
        Throwable root = error;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root == error ? error.toString() : "%s; it began with %s".formatted(error, root);
    }

    private static <T extends Throwable> Optional<T> find(@Nullable Throwable error, Class<T> type) {
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            if (type.isInstance(cause)) {
                return Optional.of(type.cast(cause));
            }
        }
        return Optional.empty();
    }
}
