package io.jepastream.ingest.camera;

import io.jepastream.ingest.media.FrameSource;
import java.util.OptionalLong;

/**
 * Event time of one camera: a file's own timeline after its start time, or the wall clock of a live one. Frames come from
 * one thread, ticks from another.
 */
final class Timeline {
    private final FrameSampler sampler;
    private final long startMicros;
    private final LiveClock clock = new LiveClock();
    private volatile boolean live;
    private volatile boolean started;
    private volatile long end = Long.MIN_VALUE;

    Timeline(CameraConfig config) {
        sampler = new FrameSampler(config.rate());
        startMicros = config.startMicros();
        live = config.url().isSurelyLive();
    }

    /** A source was opened, the first one or the next. */
    void restart(boolean isLive) {
        live = isLive;
        clock.restart();
    }

    /** The current frame's event time where it is to be kept, empty where it is left out. */
    OptionalLong sample(FrameSource source, long arrivalMicros) {
        long pts = source.timeMicros();
        long event = live ? clock.frame(pts, arrivalMicros) : startMicros + pts;
        end = Math.max(end, event + Math.max(0, source.endMicros() - pts));
        started = true;
        return sampler.keeps(event) ? OptionalLong.of(event) : OptionalLong.empty();
    }

    /**
     * Event time that has passed without a frame; empty where there is none, or frames say more. A camera that is surely live has
     * time from the start, so that one that is never reached has its gaps too.
     */
    OptionalLong tick(long wallMicros) {
        if (!live) {
            return OptionalLong.empty();
        }
        started = true;
        return clock.tick(wallMicros);
    }

    /** Whether there ever was a frame or a tick. */
    boolean isStarted() {
        return started;
    }

    /** Event time of the end: the end of the last frame, after everything else. */
    long finish() {
        return live ? clock.end(end) : end;
    }
}
