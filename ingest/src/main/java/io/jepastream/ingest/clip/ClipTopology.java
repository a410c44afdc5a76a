package io.jepastream.ingest.clip;

import io.jepastream.ingest.wire.Topics;
import io.jepastream.ingest.wire.WriterSchemas;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.state.Stores;

/**
 * Frames in, clips out.
 * <pre>
 *   frames ─▶ assemble ─┬─▶ clips
 *                │      ├─▶ clip-gaps
 *     clip-cameras      └─▶ dead-letters
 *     clip-pictures (stores)
 * </pre>
 */
public final class ClipTopology {
    /** The name under which this stage runs: its consumer group is this, after the site's prefix. */
    public static final String STAGE = "assemble";

    static final String SOURCE = "frames-source";
    static final String ASSEMBLE = "assemble";
    static final String CAMERAS = "clip-cameras"; // stores: a name is its changelog's, so it is an API
    static final String PICTURES = "clip-pictures";
    static final String TO_CLIPS = "clips-sink";
    static final String TO_GAPS = "clip-gaps-sink";
    static final String TO_DEAD_LETTERS = "dead-letters-sink";

    private ClipTopology() {}

    /**
     * Builds the topology; needs no broker.
     *
     * @param config how windows lie
     * @param others schemas of frames that a later release has written
     * @param metrics counts frames by verdict, clips, gaps and dead letters
     */
    public static Topology build(ClipConfig config, WriterSchemas others, MeterRegistry metrics) {
        ByteArraySerializer raw = new ByteArraySerializer();
        return new Topology()
                .addSource(SOURCE, new ByteArrayDeserializer(), new ByteArrayDeserializer(), Topics.FRAMES)
                .addProcessor(ASSEMBLE, () -> new AssembleProcessor(config, others, metrics), SOURCE)
                .addStateStore(
                        Stores.keyValueStoreBuilder(
                                        Stores.persistentKeyValueStore(CAMERAS), Serdes.String(), Serdes.ByteArray())
                                .withCachingEnabled()
                                .withLoggingEnabled(changelog()),
                        ASSEMBLE)
                .addStateStore(
                        Stores.keyValueStoreBuilder(
                                        Stores.persistentKeyValueStore(PICTURES), Serdes.Bytes(), Serdes.ByteArray())
                                .withLoggingEnabled(changelog()),
                        ASSEMBLE)
                .addSink(TO_CLIPS, Topics.CLIPS, raw, raw, ASSEMBLE)
                .addSink(TO_GAPS, Topics.CLIP_GAPS, raw, raw, ASSEMBLE)
                .addSink(TO_DEAD_LETTERS, Topics.DEAD_LETTERS, raw, raw, ASSEMBLE);
    }

    /** Small segments and eager cleaning, so that a restore reads little more than what is live. */
    private static Map<String, String> changelog() {
        return Map.of(
                "max.message.bytes", Integer.toString(Topics.MAX_RECORD_BYTES),
                "segment.bytes", Integer.toString(32 << 20),
                "min.cleanable.dirty.ratio", "0.1");
    }
}
