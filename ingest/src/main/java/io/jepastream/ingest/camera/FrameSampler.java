package io.jepastream.ingest.camera;

/**
 * Chooses frames by their time: the first one in each interval of an epoch-aligned grid. So a slot whose length is a
 * multiple of the interval is filled whatever the camera's own rate, and a varying rate does no harm. Not thread-safe.
 */
final class FrameSampler {
    private final FrameRate rate;
    private long last = Long.MIN_VALUE;

    FrameSampler(FrameRate rate) {
        this.rate = rate;
    }

    /** Returns whether a frame is kept; each frame is asked about once, in order. Frames that go back in time are not. */
    boolean keeps(long eventMicros) {
        long interval = rate.interval(eventMicros);
        if (interval <= last) {
            return false;
        }
        last = interval;
        return true;
    }
}
