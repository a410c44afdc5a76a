package io.jepastream.ingest.camera;

import io.jepastream.ingest.media.FrameSource;
import io.jepastream.ingest.media.Picture;
import io.jepastream.ingest.media.PictureEncoder;
import io.jepastream.ingest.media.PictureException;
import io.jepastream.ingest.media.SourceException;
import io.jepastream.ingest.media.SourceException.Reason;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/**
 * The thread that reads a camera: opens its source, samples and encodes frames, and opens it again when it breaks. It may
 * hang in a native call for good; then it is abandoned, and another takes its place.
 */
final class Capture implements Runnable {
    private enum Outcome {
        OVER,
        LOST,
        LOST_AFTER_FRAMES
    }

    private final CameraConfig config;
    private final CameraWorker worker;
    private final Environment world;
    private volatile @Nullable FrameSource source;
    private volatile boolean abandoned;

    Capture(CameraConfig config, CameraWorker worker, Environment world) {
        this.config = config;
        this.worker = worker;
        this.world = world;
    }

    @Override
    public void run() {
        MDC.put("camera", config.id());
        try (PictureEncoder encoder = new PictureEncoder(config.encoding(), config.quality())) {
            int failures = 0;
            for (Outcome outcome = attempt(encoder); outcome != Outcome.OVER; outcome = attempt(encoder)) {
                failures = outcome == Outcome.LOST ? failures + 1 : 1;
                long wait = world.backoff().waitMillis(failures, ThreadLocalRandom.current());
                if (worker.awaitStop(wait * 1000)) {
                    break;
                }
                worker.reconnecting(this);
            }
            worker.finish(this, Optional.empty());
        } catch (InterruptedException e) {
            // Only the worker's own close interrupts this thread, and the thread ends here.
            worker.finish(this, Optional.empty());
        } finally {
            MDC.remove("camera");
        }
    }

    /** Gives this thread up: whatever it still does counts no more. */
    void abandon() {
        abandoned = true;
        cancel();
    }

    /** Ends the native call in progress, from another thread. */
    void cancel() {
        FrameSource current = source;
        if (current != null) {
            current.cancel();
        }
    }

    /** By how much the native call in progress has outlived its deadline, nanoseconds. */
    long overdueNanos() {
        FrameSource current = source;
        return current == null ? 0 : current.overdueNanos();
    }

    private Outcome attempt(PictureEncoder encoder) throws InterruptedException {
        boolean live = config.url().looksLive();
        boolean[] delivered = new boolean[1];
        try (FrameSource opened = world.sources().apply(config)) {
            source = opened;
            if (worker.isStopping() || abandoned) {
                return Outcome.OVER;
            }
            opened.open();
            live = opened.isLive();
            worker.connected(this, live);
            read(opened, encoder, delivered);
            if (!live) {
                return Outcome.OVER;
            }
            worker.lost(this, "source %s: want an endless stream, got its end".formatted(config.url()));
        } catch (SourceException e) {
            if (e.reason() == Reason.CANCELLED) {
                return Outcome.OVER;
            }
            String message = String.valueOf(e.getMessage());
            if (!live || e.reason() == Reason.BAD_OPTION) {
                worker.finish(this, Optional.of(message));
                return Outcome.OVER;
            }
            worker.lost(this, message);
        } catch (IllegalStateException e) {
            // libav refused what it should have taken; the next attempt starts from nothing.
            if (!live) {
                throw e;
            }
            worker.lost(this, String.valueOf(e.getMessage()));
        } finally {
            source = null;
        }
        return delivered[0] ? Outcome.LOST_AFTER_FRAMES : Outcome.LOST;
    }

    private void read(FrameSource opened, PictureEncoder encoder, boolean[] delivered)
            throws SourceException, InterruptedException {
        boolean paced = !opened.isPaced() && (opened.isLive() || config.realtime());
        long lag = Long.MIN_VALUE;
        try {
            while (opened.next() && !abandoned) {
                if (paced) {
                    long now = world.micros().getAsLong();
                    lag = lag == Long.MIN_VALUE ? now - opened.timeMicros() : lag;
                    if (worker.awaitStop(opened.timeMicros() + lag - now)) {
                        return;
                    }
                }
                delivered[0] = true;
                take(opened, encoder);
            }
        } finally {
            worker.outbox().addDecodeErrors(opened.takeDecodeErrors());
        }
    }

    private void take(FrameSource opened, PictureEncoder encoder) throws InterruptedException {
        OptionalLong event = worker.arrived(this, opened);
        int errors = opened.takeDecodeErrors();
        if (errors > 0) {
            worker.outbox().addDecodeErrors(errors);
        }
        if (event.isEmpty() || abandoned) {
            return;
        }
        try {
            Picture picture = opened.picture(config.shortSide());
            worker.outbox().frame(event.getAsLong(), picture, encoder.encode(picture));
        } catch (PictureException e) {
            worker.outbox().addDecodeErrors(1);
            worker.remark(String.valueOf(e.getMessage()));
        }
    }
}
