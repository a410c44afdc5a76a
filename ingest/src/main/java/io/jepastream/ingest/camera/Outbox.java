package io.jepastream.ingest.camera;

import io.jepastream.ingest.camera.CameraConfig.Policy;
import io.jepastream.ingest.media.Picture;
import io.jepastream.ingest.wire.Frame;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What a camera has captured and its consumer has not yet taken: a bounded queue. Records get their sequence number, and
 * the losses before them, when they leave it. {@link #run} is the only thread that talks to the sink.
 */
final class Outbox implements Runnable {
    private enum Kind {
        FRAME,
        TICK,
        END
    }

    private record Item(Kind kind, long capturedAt, int width, int height, ByteBuffer data) {}

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final CameraConfig config;
    private final long session;
    private final FrameSink sink;
    private final Tally tally;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<Item> items = new ArrayDeque<>();
    private final AtomicInteger shed = new AtomicInteger();
    private final AtomicInteger decodeErrors = new AtomicInteger();
    private boolean ended;
    private long sequence;

    Outbox(CameraConfig config, long session, FrameSink sink, Tally tally) {
        this.config = config;
        this.session = session;
        this.sink = sink;
        this.tally = tally;
    }

    /** Adds a frame; when the queue is full, waits or drops its oldest frame, as the policy says. */
    void frame(long capturedAt, Picture picture, byte[] data) throws InterruptedException {
        Item item = new Item(Kind.FRAME, capturedAt, picture.width(), picture.height(), ByteBuffer.wrap(data));
        lock.lockInterruptibly();
        try {
            while (items.size() >= config.queue() && !ended) {
                if (config.policy() == Policy.BLOCK) {
                    changed.await();
                } else if (items.remove().kind() == Kind.FRAME) {
                    shed.incrementAndGet();
                    tally.shed.increment();
                }
            }
            add(item);
        } finally {
            lock.unlock();
        }
    }

    /** Adds a tick, unless there is anything waiting already: then the consumer is behind, and needs no more. */
    void tick(long capturedAt) {
        lock.lock();
        try {
            if (items.isEmpty()) {
                add(new Item(Kind.TICK, capturedAt, 0, 0, NOTHING));
            }
        } finally {
            lock.unlock();
        }
    }

    /** Adds the last record of the session. */
    void end(long capturedAt) {
        lock.lock();
        try {
            add(new Item(Kind.END, capturedAt, 0, 0, NOTHING));
            ended = true;
        } finally {
            lock.unlock();
        }
    }

    /** Ends without a last record: nothing was ever captured. */
    void endSilently() {
        lock.lock();
        try {
            ended = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void add(Item item) {
        if (!ended) {
            items.add(item);
        }
        changed.signalAll();
    }

    void addDecodeErrors(int count) {
        decodeErrors.addAndGet(count);
        tally.decodeErrors.add(count);
    }

    /** Hands records on until the session's last one is out. */
    @Override
    public void run() {
        try {
            while (await()) {
                send(take());
            }
        } catch (InterruptedException e) {
            // Only a close whose time is up interrupts: what is still here is lost, as the owner logs.
            Thread.currentThread().interrupt();
        }
    }

    /** Waits for a record; false when there will be no more. */
    private boolean await() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (items.isEmpty() && !ended) {
                changed.await();
            }
            return !items.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    private Item take() {
        lock.lock();
        try {
            changed.signalAll();
            return items.remove();
        } finally {
            lock.unlock();
        }
    }

    private void send(Item item) throws InterruptedException {
        sink.accept(Frame.newBuilder()
                .setCamera(config.id())
                .setSession(session)
                .setSequence(sequence++)
                .setCapturedAt(item.capturedAt())
                .setWidth(item.width())
                .setHeight(item.height())
                .setEncoding(config.encoding())
                .setData(item.data())
                .setEndOfStream(item.kind() == Kind.END)
                .setShed(shed.getAndSet(0))
                .setDecodeErrors(decodeErrors.getAndSet(0))
                .build());
        switch (item.kind()) {
            case FRAME -> tally.frames.increment();
            case TICK -> tally.ticks.increment();
            case END -> {}
        }
    }

    /** Returns how many records wait. */
    int waiting() {
        lock.lock();
        try {
            return items.size();
        } finally {
            lock.unlock();
        }
    }
}
