package io.jepastream.app.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.jepastream.app.kafka.Site;
import io.jepastream.ingest.clip.ClipSink;
import io.jepastream.ingest.clip.OfflineClips;
import io.jepastream.ingest.wire.Clip;
import io.jepastream.ingest.wire.ClipGap;
import io.jepastream.ingest.wire.Topics;
import io.jepastream.ingest.wire.Wire;
import io.jepastream.ingest.wire.WireException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** The clips of stored footage as records, and how they come into {@code clips}. */
final class StoredClips {
    private final List<Clip> clips = new ArrayList<>();

    /** Assembles the footage of all cameras; the clips of one instant stand together. */
    static StoredClips of(StreamSettings settings, BenchFootage footage) throws WireException {
        StoredClips stored = new StoredClips();
        OfflineClips assembler = new OfflineClips(settings.clips(), new ClipSink() {
            @Override
            public void clip(Clip clip) {
                stored.clips.add(clip);
            }

            @Override
            public void gap(ClipGap gap) {
                // the first and the last window are not whole
            }
        });
        for (long i = 0; i < settings.frames(); i++) {
            for (int camera = 0; camera < settings.cameras(); camera++) {
                assembler.accept(footage.frame(camera, i, footage.capturedAt(i)));
            }
        }
        return stored;
    }

    /** The records' values, in order. */
    List<byte[]> values() {
        Wire<Clip> wire = Wire.clips();
        return clips.stream().map(wire::write).toList();
    }

    /** Writes the clips to all partitions evenly, whatever their cameras' names: each stream thread gets its share. */
    void produce(Site site, int partitions) throws InterruptedException {
        Wire<Clip> wire = Wire.clips();
        Map<String, Object> all = site.clientSettings();
        all.put(ProducerConfig.ACKS_CONFIG, "all");
        all.put(ProducerConfig.BATCH_SIZE_CONFIG, 1 << 20);
        all.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, Topics.MAX_RECORD_BYTES);
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(all, new ByteArraySerializer(), new ByteArraySerializer())) {
            for (Clip clip : clips) {
                byte[] key = clip.getCamera().getBytes(UTF_8);
                sent.add(producer.send(
                        new ProducerRecord<>(Topics.CLIPS, sent.size() % partitions, key, wire.write(clip))));
            }
            for (Future<RecordMetadata> each : sent) {
                var unused = each.get();
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("a clip was not written: " + e.getCause(), e);
        }
    }
}
