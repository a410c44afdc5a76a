package io.jepastream.app.selftest;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.jepastream.app.kafka.Site;
import io.jepastream.ingest.media.PictureEncoder;
import io.jepastream.ingest.wire.Frame;
import io.jepastream.ingest.wire.ImageEncoding;
import io.jepastream.ingest.wire.Topics;
import io.jepastream.ingest.wire.Wire;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * Writes the footage of all cameras to {@code frames}, at its pace, and remembers what the cluster has acknowledged. Every second
 * camera sends JPEG, the others raw pixels.
 */
final class Feeder implements AutoCloseable {
    /** Header of a frame: its number in the campaign. */
    static final String HEADER = "selftest-number";

    private static final long START = 1_000_000_000_000_000L; // in 2001, whatever the day of the campaign

    private final Wire<Frame> wire = Wire.frames();
    private final List<Footage> cameras = new ArrayList<>();
    private final Queue<Runnable> asked = new ConcurrentLinkedQueue<>();
    private final BitSet acknowledged = new BitSet();
    private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
    private final PictureEncoder jpeg = new PictureEncoder(ImageEncoding.JPEG, PictureEncoder.DEFAULT_QUALITY);
    private final KafkaProducer<byte[], byte[]> producer;
    private final long pauseNanos;
    private final Thread thread;
    private volatile boolean open = true;
    private int sent;

    /**
     * Starts to write.
     *
     * @param cameras how many
     * @param speed seconds of footage in a second
     */
    Feeder(Site site, int cameras, double speed, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < cameras; i++) {
            this.cameras.add(new Footage(
                    "camera-%02d".formatted(i),
                    random.nextLong(),
                    START + random.nextLong(1_000_000_000L),
                    i % 2 == 0 ? null : jpeg));
        }
        Map<String, Object> settings = site.clientSettings();
        settings.put(ProducerConfig.ACKS_CONFIG, "all");
        settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        settings.put(ProducerConfig.LINGER_MS_CONFIG, 5);
        settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, Integer.MAX_VALUE);
        producer = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
        pauseNanos = (long) (1e9 / (Footage.FPS * speed));
        thread = new Thread(this::feed, "feeder");
        thread.setDaemon(true);
        thread.start();
    }

    /** Does something to one camera, between two of its frames. */
    void toCamera(int index, java.util.function.Consumer<Footage> what) {
        asked.add(() -> what.accept(cameras.get(index % cameras.size())));
    }

    /** Writes records that are no frames. */
    void send(List<ProducerRecord<byte[], byte[]>> records) {
        asked.add(() -> records.forEach(record -> send(record, -1)));
    }

    /** Names of the cameras. */
    List<String> cameras() {
        return cameras.stream().map(Footage::camera).toList();
    }

    /** Cameras that still owe clips on which the model must fail. */
    List<String> cursed() {
        return cameras.stream().filter(Footage::isCursed).map(Footage::camera).toList();
    }

    /** Ends the footage of every camera; returns when the cluster has acknowledged all of it. */
    void finish() throws InterruptedException {
        open = false;
        thread.join();
        for (Footage camera : cameras) {
            camera.end().forEach(this::send);
        }
        producer.flush();
        check();
    }

    /** Fails if the footage has. */
    void check() {
        Exception failed = failure.get();
        if (failed != null) {
            throw new IllegalStateException("writing frames failed: " + failed, failed);
        }
    }

    /** Numbers of the frames that the cluster has acknowledged. */
    BitSet acknowledged() {
        synchronized (acknowledged) {
            return (BitSet) acknowledged.clone();
        }
    }

    @Override
    public void close() {
        open = false;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        jpeg.close();
        producer.close(Duration.ofSeconds(5));
    }

    private void feed() {
        try {
            long next = System.nanoTime();
            while (open) {
                for (Runnable ask = asked.poll(); ask != null; ask = asked.poll()) {
                    ask.run();
                }
                for (Footage camera : cameras) {
                    camera.next().forEach(this::send);
                }
                next = Math.max(next + pauseNanos, System.nanoTime() - pauseNanos);
                Thread.sleep(
                        Duration.ofNanos(Math.max(0, next - System.nanoTime())).toMillis());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) { // who finishes the footage must learn of it
            failure.compareAndSet(null, e);
        }
    }

    private void send(Frame frame) {
        int number = sent++;
        ProducerRecord<byte[], byte[]> record =
                new ProducerRecord<>(Topics.FRAMES, frame.getCamera().getBytes(UTF_8), wire.write(frame));
        record.headers().add(HEADER, Integer.toString(number).getBytes(UTF_8));
        send(record, number);
    }

    private void send(ProducerRecord<byte[], byte[]> record, int number) {
        while (true) {
            try {
                var unused = producer.send(record, (metadata, error) -> {
                    if (error != null) {
                        failure.compareAndSet(null, error);
                    } else if (number >= 0) {
                        synchronized (acknowledged) {
                            acknowledged.set(number);
                        }
                    }
                });
                return;
            } catch (TimeoutException e) {
                if (failure.get() != null) {
                    throw e;
                }
            }
        }
    }
}
