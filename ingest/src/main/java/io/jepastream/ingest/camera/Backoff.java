package io.jepastream.ingest.camera;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long to wait before the next attempt: at random up to a limit that doubles with each failure, so that many cameras
 * of one broken server do not come back all at once.
 *
 * @param first the limit after the first failure
 * @param cap the limit that is never exceeded
 */
record Backoff(Duration first, Duration cap) {
    static final Backoff DEFAULT = new Backoff(Duration.ofMillis(500), Duration.ofSeconds(30));

    /** The largest wait after so many failures in a row, 1 or more, milliseconds. */
    long limitMillis(int failures) {
        long limit = first.toMillis() << Math.min(20, Math.max(0, failures - 1));
        return Math.min(cap.toMillis(), limit);
    }

    /** A wait after so many failures in a row, milliseconds; never quite zero. */
    long waitMillis(int failures, RandomGenerator random) {
        return 1 + (long) (random.nextDouble() * limitMillis(failures));
    }
}
