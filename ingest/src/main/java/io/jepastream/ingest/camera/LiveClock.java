package io.jepastream.ingest.camera;

import java.util.OptionalLong;

/**
 * Turns a live stream's own timeline into wall time, microseconds. The least delay seen lately, the minimum of
 * (arrival - pts) over one to two minutes, is taken for the offset between the two: jitter and the burst after
 * connecting only ever add to it, and a sender's clock that drifts is followed. What comes out grows strictly, across
 * jumps of the stream's timeline and across reconnects. Thread-safe.
 */
final class LiveClock {
    private static final long BUCKET = 60_000_000;
    private static final long LEAP = 5_000_000;

    private boolean anchored;
    private long bucketStart;
    private long bucketMinimum;
    private long beforeMinimum;
    private long lastPts;
    private long lastArrival;
    private long last = Long.MIN_VALUE;
    private boolean lastWasTick;

    /** The stream begins anew: its next time has nothing to do with the ones before. */
    synchronized void restart() {
        anchored = false;
    }

    /**
     * Returns a frame's wall time.
     *
     * @param pts on the stream's own timeline, microseconds
     * @param arrival wall time of its arrival, microseconds, from a clock that does not go back
     */
    synchronized long frame(long pts, long arrival) {
        boolean leapt = pts < lastPts || pts - lastPts > arrival - lastArrival + LEAP;
        if (!anchored || leapt) {
            anchor(pts, arrival);
        } else {
            follow(arrival - pts, arrival);
        }
        lastPts = pts;
        lastArrival = arrival;
        long event = pts + Math.min(bucketMinimum, beforeMinimum);
        if (event <= last && lastWasTick) {
            // Later than a tick allowed for: the stream had paused, and its timeline with it.
            anchor(pts, arrival);
            event = arrival;
        }
        last = last == Long.MIN_VALUE ? event : Math.max(event, last + 1);
        lastWasTick = false;
        return last;
    }

    private void anchor(long pts, long arrival) {
        anchored = true;
        bucketStart = arrival;
        bucketMinimum = arrival - pts;
        beforeMinimum = bucketMinimum;
    }

    private void follow(long offset, long arrival) {
        if (arrival - bucketStart > BUCKET) {
            beforeMinimum = bucketMinimum;
            bucketMinimum = offset;
            bucketStart = arrival;
        } else {
            bucketMinimum = Math.min(bucketMinimum, offset);
        }
    }

    /** Says that time has passed without a frame, until {@code wall}; empty when a frame was already later. */
    synchronized OptionalLong tick(long wall) {
        if (wall <= last) {
            return OptionalLong.empty();
        }
        last = wall;
        lastWasTick = true;
        return OptionalLong.of(wall);
    }

    /** The time of the stream's end: {@code wanted}, or just after everything so far. */
    synchronized long end(long wanted) {
        last = last == Long.MIN_VALUE ? wanted : Math.max(wanted, last + 1);
        return last;
    }
}
