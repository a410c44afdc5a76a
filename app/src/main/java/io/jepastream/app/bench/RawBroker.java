package io.jepastream.app.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.jepastream.app.kafka.Site;
import io.jepastream.app.kafka.TopicReader;
import io.jepastream.ingest.camera.KafkaFrames;
import io.jepastream.ingest.wire.Topics;
import java.io.ByteArrayOutputStream;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * What the broker does for plain clients: the ceiling of the stages. One thread, an idempotent producer with {@code acks=all} and
 * the batches of ingest, a {@code read_committed} consumer, no transactions, and nobody looks at a record's content.
 */
final class RawBroker {
    private final Site site;
    private final StreamSettings settings;
    private final BenchFootage footage;
    private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();

    RawBroker(Site site, StreamSettings settings, BenchFootage footage) {
        this.site = site;
        this.settings = settings;
        this.footage = footage;
    }

    /** Writes the footage of all cameras to {@code frames}, through ingest's own sink. */
    long produce() throws InterruptedException {
        try (KafkaFrames sink = new KafkaFrames(site.clientSettings())) {
            for (long i = 0; i < settings.frames(); i++) {
                for (int camera = 0; camera < settings.cameras(); camera++) {
                    sink.accept(footage.frame(camera, i, footage.capturedAt(i)));
                }
            }
            sink.flush();
        }
        return settings.frames() * settings.cameras();
    }

    /** Reads a whole topic. */
    static long consume(Site site, String topic) {
        long records = 0;
        try (TopicReader reader = TopicReader.open(site, topic, true)) {
            while (reader.recordsLeft() > 0) {
                for (ConsumerRecord<byte[], byte[]> record : reader.poll()) {
                    records += record.value() == null ? 0 : 1;
                }
            }
        }
        return records;
    }

    /**
     * Reads {@code frames} and writes the bytes that {@code assemble} writes, record by record: each frame that is the first of its
     * slot (its changelog has it), and for each clip one record with the frames of it. They go to topics that {@code assemble}
     * does not use.
     */
    long copy() {
        long records = 0;
        Map<String, Camera> cameras = new HashMap<>();
        try (TopicReader reader = TopicReader.open(site, Topics.FRAMES, true);
                KafkaProducer<byte[], byte[]> producer = producer()) {
            while (reader.recordsLeft() > 0) {
                for (ConsumerRecord<byte[], byte[]> record : reader.poll()) {
                    records++;
                    cameras.computeIfAbsent(new String(record.key(), UTF_8), unseen -> new Camera())
                            .take(record, producer);
                }
            }
            producer.flush();
        }
        Exception failed = failure.get();
        if (failed != null) {
            throw new IllegalStateException("a raw record was not written: " + failed.getMessage(), failed);
        }
        return records;
    }

    private KafkaProducer<byte[], byte[]> producer() {
        Map<String, Object> all = site.clientSettings();
        all.put(ProducerConfig.ACKS_CONFIG, "all");
        all.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        all.put(ProducerConfig.LINGER_MS_CONFIG, 5);
        all.put(ProducerConfig.BATCH_SIZE_CONFIG, 1 << 20);
        all.put(ProducerConfig.BUFFER_MEMORY_CONFIG, 64L << 20);
        all.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, Topics.MAX_RECORD_BYTES);
        return new KafkaProducer<>(all, new ByteArraySerializer(), new ByteArraySerializer());
    }

    /** One camera's frames, counted and gathered. */
    private final class Camera {
        private final ByteArrayOutputStream clip = new ByteArrayOutputStream();
        private long index;
        private int filled;

        private void take(ConsumerRecord<byte[], byte[]> record, KafkaProducer<byte[], byte[]> producer) {
            if (!footage.isKept(index++, settings.clips())) {
                return;
            }
            send(producer, new ProducerRecord<>(Topics.EMBEDDINGS, record.key(), record.value()));
            clip.writeBytes(record.value());
            if (++filled == settings.clips().slots()) {
                send(producer, new ProducerRecord<>(Topics.ACTION_LABELS, record.key(), clip.toByteArray()));
                clip.reset();
                filled = 0;
            }
        }
    }

    private void send(KafkaProducer<byte[], byte[]> producer, ProducerRecord<byte[], byte[]> record) {
        var unused = producer.send(record, (metadata, error) -> {
            if (error != null) {
                failure.compareAndSet(null, error);
            }
        });
    }
}
