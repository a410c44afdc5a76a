package io.jepastream.ingest.camera;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.jepastream.ingest.wire.Frame;
import io.jepastream.ingest.wire.Topics;
import io.jepastream.ingest.wire.Wire;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes frames to the {@code frames} topic, in the order of each camera, none twice. While the cluster is away it blocks: what
 * then happens to a camera's frames is that camera's policy.
 *
 * <p>Thread-safe: one for all cameras of a process.
 */
public final class KafkaFrames implements FrameSink, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(KafkaFrames.class);
    private static final int ROOM_FOR_HEADERS = 4096;

    private final KafkaProducer<byte[], byte[]> producer;
    private final Wire<Frame> wire = Wire.frames();
    private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();

    /**
     * Connects.
     *
     * @param clientSettings {@code bootstrap.servers} and what else the cluster asks for
     * @throws IllegalArgumentException if they give up that a frame is kept, once, when the cluster has acknowledged it
     */
    public KafkaFrames(Map<String, Object> clientSettings) {
        producer = new KafkaProducer<>(settings(clientSettings), new ByteArraySerializer(), new ByteArraySerializer());
    }

    static Map<String, Object> settings(Map<String, Object> clientSettings) {
        Map<String, Object> all = new HashMap<>();
        all.put(ProducerConfig.ACKS_CONFIG, "all");
        all.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        all.put(ProducerConfig.LINGER_MS_CONFIG, 5);
        all.put(ProducerConfig.BATCH_SIZE_CONFIG, 1 << 20);
        all.put(ProducerConfig.BUFFER_MEMORY_CONFIG, 64L << 20);
        all.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, Topics.MAX_RECORD_BYTES);
        all.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 10_000);
        all.put(
                ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
                Integer.MAX_VALUE); // a record in the buffer is never given up
        all.putAll(clientSettings);
        String acks = String.valueOf(all.get(ProducerConfig.ACKS_CONFIG));
        require(ProducerConfig.ACKS_CONFIG, "all", acks.equals("-1") ? "all" : acks);
        require(
                ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG,
                "true",
                String.valueOf(all.get(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG)));
        return all;
    }

    private static void require(String setting, String want, String got) {
        if (!got.equals(want)) {
            throw new IllegalArgumentException("%s: want %s, got %s".formatted(setting, want, got));
        }
    }

    @Override
    public void accept(Frame frame) throws InterruptedException {
        Exception failed = failure.get();
        if (failed != null) {
            throw new IllegalStateException("writing frames failed: " + failed.getMessage(), failed);
        }
        byte[] value = wire.write(frame);
        if (value.length > Topics.MAX_RECORD_BYTES - ROOM_FOR_HEADERS) {
            throw new IllegalArgumentException(
                    "camera %s: a frame of %dx%d takes %d bytes, want at most %d: use JPEG or a smaller --short-side"
                            .formatted(
                                    frame.getCamera(),
                                    frame.getWidth(),
                                    frame.getHeight(),
                                    value.length,
                                    Topics.MAX_RECORD_BYTES - ROOM_FOR_HEADERS));
        }
        send(new ProducerRecord<>(Topics.FRAMES, frame.getCamera().getBytes(UTF_8), value));
    }

    private void send(ProducerRecord<byte[], byte[]> record) throws InterruptedException {
        while (true) {
            try {
                var unused = producer.send(record, (metadata, error) -> {
                    if (error != null && failure.compareAndSet(null, error)) {
                        LOG.error("a frame was not written: {}", error.getMessage());
                    }
                });
                return;
            } catch (TimeoutException e) {
                LOG.warn("the cluster has not taken frames for 10 s; waiting: {}", e.getMessage());
            } catch (InterruptException e) {
                throw (InterruptedException) new InterruptedException("writing a frame").initCause(e);
            }
        }
    }

    /** Waits until everything is written. */
    public void flush() {
        producer.flush();
    }

    @Override
    public void close() {
        producer.close();
    }
}
