package io.jepastream.encoder.stream;

import io.jepastream.encoder.wire.Embedding;
import io.jepastream.ingest.wire.Topics;
import io.jepastream.ingest.wire.Wire;
import io.jepastream.ingest.wire.WriterSchemas;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.Stores;

/**
 * Clips in, embeddings out; heads hang their own branch below {@link #ENCODED}.
 * <pre>
 *   clips ─▶ encode ─┬─▶ encoded ─┬─▶ embeddings
 *               │    │            └─▶ (labels: probe-heads)
 *   encode-positions └─▶ dead-letters
 *        (store)
 * </pre>
 */
public final class EncodeTopology {
    /** The name under which this stage runs: its consumer group is this, after the site's prefix. */
    public static final String STAGE = "encode";

    /** The processor whose output, {@link EncodedClip}, further branches take. */
    public static final String ENCODED = "encoded";

    static final String SOURCE = "clips-source";
    static final String ENCODE = "encode";
    /*
     * Start of the last clip of each camera: tells a clip that comes again. It is also what makes the stage's process id
     * persistent, so that a worker that was killed gets its partitions back without waiting for its old transaction.
     */
    static final String POSITIONS = "encode-positions";
    static final String TO_EMBEDDINGS = "embeddings-sink";
    static final String TO_DEAD_LETTERS = "dead-letters-sink";

    private EncodeTopology() {}

    /**
     * Builds the topology; needs no broker.
     *
     * @param model prepares clips
     * @param runner runs them, shared by all threads
     * @param others schemas of clips that a later release has written
     * @param metrics counts clips and dead letters, and times encoding
     */
    public static Topology build(
            ClipModel model, ClipEncoder.ClipRunner runner, WriterSchemas others, MeterRegistry metrics) {
        ByteArraySerializer raw = new ByteArraySerializer();
        Wire<Embedding> embeddings = Wire.of(Embedding.getClassSchema(), new Embedding().getSpecificData());
        Serializer<EncodedClip> write = (topic, clip) -> embeddings.write(clip.embedding());
        return new Topology()
                .addSource(SOURCE, new ByteArrayDeserializer(), new ByteArrayDeserializer(), Topics.CLIPS)
                .addProcessor(ENCODE, () -> new EncodeProcessor(model, runner, others, metrics), SOURCE)
                .addStateStore(
                        Stores.keyValueStoreBuilder(
                                        Stores.persistentKeyValueStore(POSITIONS), Serdes.String(), Serdes.Long())
                                .withCachingEnabled()
                                .withLoggingEnabled(Map.of("segment.bytes", Integer.toString(8 << 20))),
                        ENCODE)
                .addProcessor(ENCODED, PassOn::new, ENCODE)
                .addSink(TO_EMBEDDINGS, Topics.EMBEDDINGS, raw, write, ENCODED)
                .addSink(TO_DEAD_LETTERS, Topics.DEAD_LETTERS, raw, raw, ENCODE);
    }

    /** Sends every encoded clip to each branch. */
    private static final class PassOn extends ContextualProcessor<byte[], EncodedClip, byte[], EncodedClip> {
        @Override
        public void process(Record<byte[], EncodedClip> clip) {
            context().forward(clip);
        }
    }
}
