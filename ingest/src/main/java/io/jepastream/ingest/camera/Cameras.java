package io.jepastream.ingest.camera;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Many cameras at once, each on its own threads, so that none waits for another. Thread-safe.
 *
 * <p>Metrics, by camera: {@code jepastream_frames_produced_total}, {@code jepastream_frames_shed_total},
 * {@code jepastream_decode_errors_total}, {@code jepastream_camera_reconnects_total} and {@code jepastream_camera_state}
 * (0 connecting, 1 live, 2 stalled, 3 ended).
 */
public final class Cameras implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Cameras.class);
    private static final AtomicLong LAST_SESSION = new AtomicLong();
    private static final long CHECK_MILLIS = 250;
    private static final long CAPTURE_SECONDS = 4;
    private static final long SENDER_SECONDS = 4;

    private final List<CameraWorker> workers = new ArrayList<>();
    private final List<Meter> meters = new ArrayList<>();
    private final MeterRegistry registry;
    private final CountDownLatch closed = new CountDownLatch(1);

    private Cameras(List<CameraConfig> configs, FrameSink sink, MeterRegistry registry, Environment world) {
        this.registry = registry;
        for (CameraConfig config : configs) {
            Tally tally = new Tally();
            meters.addAll(tally.register(registry, config.id()));
            long now = world.micros().getAsLong();
            long session = LAST_SESSION.updateAndGet(last -> Math.max(last + 1, now));
            workers.add(new CameraWorker(config, session, sink, tally, world));
        }
    }

    /**
     * Starts cameras.
     *
     * @param configs with an id each of its own
     * @param sink where their records go; stays the caller's
     * @param registry where their metrics are shown until they are closed
     */
    public static Cameras start(List<CameraConfig> configs, FrameSink sink, MeterRegistry registry) {
        return start(configs, sink, registry, Environment.real());
    }

    static Cameras start(List<CameraConfig> configs, FrameSink sink, MeterRegistry registry, Environment world) {
        Set<String> ids = new HashSet<>();
        for (CameraConfig config : configs) {
            if (!ids.add(config.id())) {
                throw new IllegalArgumentException(
                        "cameras: want an id of its own for each, got '%s' twice".formatted(config.id()));
            }
        }
        Cameras cameras = new Cameras(configs, sink, registry, world);
        cameras.workers.forEach(CameraWorker::start);
        Thread watch = new Thread(cameras::watch, "cameras");
        watch.setDaemon(true);
        watch.start();
        return cameras;
    }

    private void watch() {
        try {
            while (!closed.await(CHECK_MILLIS, TimeUnit.MILLISECONDS)) {
                workers.forEach(CameraWorker::check);
            }
        } catch (InterruptedException e) {
            // Nobody but the process's own end does that.
            Thread.currentThread().interrupt();
        }
    }

    /** Returns what every camera is doing, in the order of their configurations. */
    public List<CameraStatus> status() {
        return workers.stream().map(CameraWorker::status).toList();
    }

    /**
     * Completes, with every camera's final status, when all have ended and their last records were taken by the sink.
     * Files end by themselves or fail; live cameras only end when they are closed, or cannot ever work.
     */
    public CompletableFuture<List<CameraStatus>> ended() {
        CompletableFuture<?>[] all = workers.stream().map(CameraWorker::done).toArray(CompletableFuture<?>[]::new);
        return CompletableFuture.allOf(all).thenApply(nothing -> status());
    }

    /**
     * Ends all cameras within 10 s: each writes the last record of its session and waits for the sink to take what it
     * has captured. A source or a sink that hangs is left behind, and logged.
     */
    @Override
    public void close() {
        workers.forEach(CameraWorker::stop);
        CompletableFuture<List<CameraStatus>> end = ended();
        if (!isDone(end, CAPTURE_SECONDS)) {
            workers.forEach(CameraWorker::giveUpCapture);
            if (!isDone(end, SENDER_SECONDS)) {
                workers.forEach(CameraWorker::giveUpSender);
                if (!isDone(end, 1)) {
                    LOG.warn("cameras: closed although a frame sink does not let go");
                }
            }
        }
        closed.countDown();
        meters.forEach(registry::remove);
    }

    private static boolean isDone(CompletableFuture<?> end, long seconds) {
        try {
            end.get(seconds, TimeUnit.SECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException("cameras: want their ends to complete normally", e);
        }
    }
}
