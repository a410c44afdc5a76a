package io.jepastream.ingest.camera;

import io.jepastream.ingest.media.FrameSource;
import io.jepastream.ingest.media.Picture;
import io.jepastream.ingest.media.Pictures;
import io.jepastream.ingest.media.SourceException;
import io.jepastream.ingest.media.SourceException.Reason;
import java.util.concurrent.CountDownLatch;

/** A live source that gives some frames, 100 ms apart, and then breaks, hangs, or hangs for good. */
final class FakeSource implements FrameSource {
    enum Then {
        BREAK,
        HANG,
        HANG_DEAF
    }

    private static final Picture PICTURE = Pictures.waves(32, 16, 0);

    private final long firstMicros;
    private final int frames;
    private final Then then;
    private final CountDownLatch cancelled = new CountDownLatch(1);
    private final CountDownLatch never = new CountDownLatch(1);
    final CountDownLatch hanging = new CountDownLatch(1);
    private volatile boolean deaf;
    private int index = -1;

    FakeSource(long firstMicros, int frames, Then then) {
        this.firstMicros = firstMicros;
        this.frames = frames;
        this.then = then;
    }

    @Override
    public void open() {}

    @Override
    public boolean next() throws SourceException {
        index++;
        if (index < frames) {
            return true;
        }
        if (then != Then.BREAK) {
            deaf = then == Then.HANG_DEAF;
            hanging.countDown();
            hang(deaf ? never : cancelled);
            throw new SourceException(Reason.CANCELLED, "fake: cancelled");
        }
        throw new SourceException(Reason.BROKEN, "fake: want frames, got a cable cut");
    }

    private void hang(CountDownLatch until) {
        for (boolean over = false; !over; ) {
            try {
                until.await();
                over = true;
            } catch (InterruptedException e) {
                // A native call does not notice either; the flag is checked by the cancellation only.
                over = !deaf;
            }
        }
    }

    @Override
    public long timeMicros() {
        return firstMicros + index * 100_000L;
    }

    @Override
    public long endMicros() {
        return timeMicros() + 100_000;
    }

    @Override
    public Picture picture(int shortSide) {
        return PICTURE;
    }

    @Override
    public int takeDecodeErrors() {
        return index == 1 ? 2 : 0;
    }

    @Override
    public boolean isLive() {
        return true;
    }

    @Override
    public boolean isPaced() {
        return true;
    }

    @Override
    public void cancel() {
        cancelled.countDown();
    }

    @Override
    public long overdueNanos() {
        return deaf ? Long.MAX_VALUE : 0;
    }

    @Override
    public void close() {}
}
