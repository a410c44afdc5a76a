package io.jepastream.app.bench;

import io.jepastream.app.kafka.Site;
import io.jepastream.ingest.camera.KafkaFrames;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Cameras that send in real time: a frame is captured at the moment at which it is sent. Their phases are spread evenly. */
final class LiveCameras implements AutoCloseable {
    private static final long NANOS = 1_000_000_000;

    private final StreamSettings settings;
    private final BenchFootage footage;
    private final SentFrames log;
    private final KafkaFrames sink;
    private final Thread thread;
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private final long startMicros = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
    private final long startNanos = System.nanoTime();
    private volatile boolean open = true;

    /** Starts to send, until closed. */
    LiveCameras(Site site, StreamSettings settings, BenchFootage footage, SentFrames log) {
        this.settings = settings;
        this.footage = footage;
        this.log = log;
        sink = new KafkaFrames(site.clientSettings());
        thread = new Thread(this::send, "bench-cameras");
        thread.setDaemon(true);
        thread.setUncaughtExceptionHandler((which, error) -> failure.compareAndSet(null, error));
        thread.start();
    }

    /** Fails if the sending has. */
    void check() {
        Throwable failed = failure.get();
        if (failed != null) {
            throw new IllegalStateException("the cameras failed: " + failed, failed);
        }
    }

    private void send() {
        try {
            long step = NANOS * settings.rate().denominator() / settings.rate().numerator() / settings.cameras();
            for (long i = 0; open; i++) {
                TimeUnit.NANOSECONDS.sleep(startNanos + i * step - System.nanoTime());
                int camera = (int) (i % settings.cameras());
                long now = System.nanoTime();
                long capturedAt = startMicros + (now - startNanos) / 1000;
                log.sent(BenchFootage.camera(camera), capturedAt, now);
                sink.accept(footage.frame(camera, i / settings.cameras(), capturedAt));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        open = false;
        try (sink) {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
