package io.jepastream.ingest.camera;

import static org.assertj.core.api.Assertions.assertThat;

import io.jepastream.ingest.wire.Frame;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** A sink that remembers. */
final class Records implements FrameSink {
    private final LinkedBlockingQueue<Frame> fresh = new LinkedBlockingQueue<>();
    private final List<Frame> seen = new ArrayList<>();

    @Override
    public void accept(Frame frame) {
        fresh.add(frame);
    }

    /** Waits for records that no call has waited for, until {@code count} of them are as wanted. */
    void await(int count, Predicate<Frame> wanted) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        for (int found = 0; found < count; ) {
            Frame frame = fresh.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS);
            assertThat(frame)
                    .as("record %d of %d, seen %d", found, count, seen.size())
                    .isNotNull();
            seen.add(frame);
            found += wanted.test(frame) ? 1 : 0;
        }
    }

    /** Everything so far. */
    List<Frame> all() {
        fresh.drainTo(seen);
        return seen;
    }

    static boolean isPicture(Frame frame) {
        return frame.getData().hasRemaining();
    }

    static boolean isTick(Frame frame) {
        return !isPicture(frame) && !frame.getEndOfStream();
    }

    /** What must hold for the records of one camera whatever happened: one session, no holes, time that only grows. */
    static void assertOneSession(List<Frame> frames) {
        for (int i = 0; i < frames.size(); i++) {
            Frame frame = frames.get(i);
            assertThat(frame.getSequence()).isEqualTo(i);
            assertThat(frame.getSession()).isEqualTo(frames.get(0).getSession());
            assertThat(frame.getEndOfStream())
                    .as("end at %d of %d", i, frames.size())
                    .isEqualTo(i == frames.size() - 1);
            if (i > 0) {
                assertThat(frame.getCapturedAt())
                        .isGreaterThan(frames.get(i - 1).getCapturedAt());
            }
        }
    }
}
