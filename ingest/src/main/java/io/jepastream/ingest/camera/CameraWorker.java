package io.jepastream.ingest.camera;

import io.jepastream.ingest.media.FrameSource;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * One camera: its capture thread, its sending thread, its state. One session from first to last: a live camera that was
 * lost and came back goes on in it.
 *
 * <pre>
 *   source ─▶ Capture (thread) ─▶ Outbox (bounded) ─▶ sender (thread) ─▶ FrameSink
 *                  ▲                 ▲
 *               watchdog           ticks          from {@link #check()}, called a few times a second
 * </pre>
 */
final class CameraWorker {
    /** A live camera is silent for this long before the first tick, and between ticks, microseconds. */
    static final long TICK_EVERY = 1_000_000;
    /** Ticks stay behind the wall clock by this much, so that frames may come late without being too late. */
    static final long TICK_LAG = 2_000_000;

    private static final Logger LOG = LoggerFactory.getLogger(CameraWorker.class);

    private final CameraConfig config;
    private final Environment world;
    private final Tally tally;
    private final Timeline timeline;
    private final Outbox outbox;
    private final CountDownLatch stop = new CountDownLatch(1);
    private final CompletableFuture<CameraStatus> done = new CompletableFuture<>();
    private final Thread sender;
    private Capture capture;
    private Thread captureThread;
    private volatile long lastArrival;
    private long lastTick;

    CameraWorker(CameraConfig config, long session, FrameSink sink, Tally tally, Environment world) {
        this.config = config;
        this.world = world;
        this.tally = tally;
        this.timeline = new Timeline(config);
        this.outbox = new Outbox(config, session, sink, tally);
        this.sender = thread("-out", this::sendAll);
        this.capture = new Capture(config, this, world);
        this.captureThread = thread("", capture);
    }

    private Thread thread(String suffix, Runnable work) {
        Thread thread = new Thread(work, "camera-" + config.id() + suffix);
        thread.setDaemon(true);
        thread.setUncaughtExceptionHandler((which, error) -> crashed(error));
        return thread;
    }

    synchronized void start() {
        LOG.info("camera {}: {} starts, {}", config.id(), config.url(), tally.state);
        sender.start();
        captureThread.start();
    }

    /** Completes when every record of the camera has been handed on. */
    CompletableFuture<CameraStatus> done() {
        return done;
    }

    CameraStatus status() {
        return tally.status(config);
    }

    Outbox outbox() {
        return outbox;
    }

    boolean isStopping() {
        return stop.getCount() == 0;
    }

    /** Waits; true when the camera is to stop. */
    boolean awaitStop(long micros) throws InterruptedException {
        return micros > 0 ? stop.await(micros, TimeUnit.MICROSECONDS) : isStopping();
    }

    private void sendAll() {
        MDC.put("camera", config.id());
        outbox.run();
        int lost = outbox.waiting();
        if (lost > 0) {
            LOG.warn("camera {}: closed with {} records not taken", config.id(), lost);
        }
        done.complete(status());
    }

    // What the capture thread reports. A thread that was abandoned is not listened to.

    synchronized void connected(Capture from, boolean live) {
        if (from == capture) {
            timeline.restart(live);
            lastArrival = world.micros().getAsLong();
        }
    }

    /** A frame was decoded: its event time, where it is to be kept. */
    synchronized OptionalLong arrived(Capture from, FrameSource source) {
        if (from != capture || tally.state == CameraState.ENDED) {
            return OptionalLong.empty();
        }
        lastArrival = world.micros().getAsLong();
        become(CameraState.LIVE, "");
        return timeline.sample(source, lastArrival);
    }

    synchronized void lost(Capture from, String message) {
        if (from == capture && !isStopping()) {
            tally.lastError = message;
            if (tally.state == CameraState.CONNECTING) {
                LOG.warn("camera {}: still connecting: {}", config.id(), message);
            }
            become(CameraState.CONNECTING, message);
        }
    }

    synchronized void reconnecting(Capture from) {
        if (from == capture) {
            tally.reconnects.increment();
        }
    }

    void remark(String message) {
        tally.lastError = message;
        LOG.debug("camera {}: {}", config.id(), message);
    }

    /** The camera is over; with an error, it failed. */
    synchronized void finish(Capture from, Optional<String> error) {
        if (from != capture || tally.state == CameraState.ENDED) {
            return;
        }
        error.ifPresent(message -> {
            tally.lastError = message;
            tally.failed = true;
        });
        stop.countDown();
        become(CameraState.ENDED, error.orElse(""));
        if (timeline.isStarted()) {
            outbox.end(timeline.finish());
        } else {
            outbox.endSilently();
        }
    }

    /** A thread of ours died of something that nobody expected: the camera failed. */
    private synchronized void crashed(Throwable error) {
        LOG.error("camera {}: failed", config.id(), error);
        capture.cancel();
        finish(capture, Optional.of("camera %s: %s".formatted(config.id(), error)));
        if (Thread.currentThread() == sender) {
            tally.failed = true;
            tally.lastError = String.valueOf(error);
            done.complete(status());
        }
    }

    private void become(CameraState next, String why) {
        CameraState before = tally.state;
        if (before != next) {
            tally.state = next;
            LOG.info("camera {}: {} -> {}{}", config.id(), before, next, why.isEmpty() ? "" : ": " + why);
        }
    }

    /** Looks after the camera: ticks, stalls, threads that hang. Called a few times a second by one thread. */
    void check() {
        MDC.put("camera", config.id());
        look();
        MDC.remove("camera");
    }

    private synchronized void look() {
        if (tally.state == CameraState.ENDED) {
            return;
        }
        long now = world.micros().getAsLong();
        if (tally.state == CameraState.LIVE
                && now - lastArrival > config.stallAfter().toNanos() / 1000
                && outbox.waiting() < config.queue()) {
            become(CameraState.STALLED, "no frame for " + config.stallAfter());
        }
        if (now - Math.max(lastArrival, lastTick) >= TICK_EVERY) {
            lastTick = now;
            timeline.tick(now - TICK_LAG).ifPresent(outbox::tick);
        }
        if (capture.overdueNanos() > world.abandonAfter().toNanos() && !isStopping()) {
            abandonCapture();
        }
    }

    private void abandonCapture() {
        String message = "source %s: want its native call to end at its deadline, got none %s later"
                .formatted(config.url(), world.abandonAfter());
        LOG.error("camera {}: thread abandoned: {}", config.id(), message);
        tally.lastError = message;
        capture.abandon();
        become(CameraState.CONNECTING, message);
        tally.reconnects.increment();
        capture = new Capture(config, this, world);
        captureThread = thread("", capture);
        captureThread.start();
    }

    /** Asks the camera to end; returns at once. */
    synchronized void stop() {
        stop.countDown();
        capture.cancel();
        captureThread.interrupt();
    }

    /** The capture thread had its time: ends the camera without it. */
    synchronized void giveUpCapture() {
        if (tally.state != CameraState.ENDED) {
            LOG.warn("camera {}: closed without its capture thread, which hangs", config.id());
            capture.abandon();
            finish(capture, Optional.empty());
        }
    }

    /** The consumer had its time: ends the camera without it. */
    void giveUpSender() {
        sender.interrupt();
    }
}
