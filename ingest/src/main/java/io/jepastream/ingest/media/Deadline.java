package io.jepastream.ingest.media;

import java.time.Duration;
import org.bytedeco.ffmpeg.avformat.AVIOInterruptCB;
import org.bytedeco.javacpp.Pointer;

/**
 * Ends native calls that take too long: libav asks it every fraction of a second whether to go on. Must outlive the
 * native context that it was given to.
 */
final class Deadline extends AVIOInterruptCB.Callback_Pointer {
    private static final long NONE = Long.MAX_VALUE;

    private final long origin = System.nanoTime();
    private volatile long end = NONE;
    private volatile boolean cancelled;

    /** Starts the time for the next call. */
    void arm(Duration time) {
        end = now() + time.toNanos();
    }

    /** The call returned. */
    void disarm() {
        end = NONE;
    }

    void cancel() {
        cancelled = true;
    }

    boolean isCancelled() {
        return cancelled;
    }

    boolean isOver() {
        return overdueNanos() > 0;
    }

    /** By how much the call has outlived its time; not positive when it has not, or there is none. */
    long overdueNanos() {
        long until = end;
        return until == NONE ? 0 : now() - until;
    }

    private long now() {
        return System.nanoTime() - origin;
    }

    @Override
    public int call(Pointer unused) {
        return cancelled || isOver() ? 1 : 0;
    }
}
