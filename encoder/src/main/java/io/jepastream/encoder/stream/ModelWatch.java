package io.jepastream.encoder.stream;

import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * For how long clips have waited without one answer of the model. A caller that gives up and comes back goes on waiting: a
 * stage takes the same clip again in another thread. Thread-safe.
 */
final class ModelWatch {
    private final LongSupplier nanoClock;
    private final long comesBackNanos;
    private int waiting;
    private boolean silent;
    private long silentSince;
    private long gaveUpAt;

    /**
     * Nobody waits yet.
     *
     * @param nanoClock as {@link System#nanoTime}
     * @param comesBack how soon after giving up a caller is taken for the same that comes back
     */
    ModelWatch(LongSupplier nanoClock, Duration comesBack) {
        this.nanoClock = nanoClock;
        this.comesBackNanos = comesBack.toNanos();
    }

    /** A caller begins to wait. */
    synchronized void waits() {
        long now = nanoClock.getAsLong();
        boolean cameBack = silent && (waiting > 0 || now - gaveUpAt <= comesBackNanos);
        if (!cameBack) {
            silent = true;
            silentSince = now;
        }
        waiting++;
    }

    /** A caller has an answer, be it an error. */
    synchronized void answered() {
        waiting--;
        silent = waiting > 0;
        silentSince = nanoClock.getAsLong();
    }

    /** A caller waits no longer, without an answer. */
    synchronized void gaveUp() {
        waiting--;
        gaveUpAt = nanoClock.getAsLong();
    }

    /** For how long there has been no answer; empty if nobody waits for one. */
    synchronized Optional<Duration> silence() {
        return silent && waiting > 0
                ? Optional.of(Duration.ofNanos(nanoClock.getAsLong() - silentSince))
                : Optional.empty();
    }
}
