package io.jepastream.probeheads;

import io.jepastream.encoder.stream.EncodeTopology;
import io.jepastream.encoder.stream.EncodedClip;
import io.jepastream.ingest.wire.Topics;
import io.jepastream.ingest.wire.Wire;
import io.jepastream.probeheads.wire.ActionLabels;
import java.util.List;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Record;

/**
 * The branch from encoded clips to labels.
 * <pre>
 *   encoded ─▶ label ─▶ action-labels
 * </pre>
 */
public final class LabelBranch {
    static final String LABEL = "label";
    static final String TO_LABELS = "action-labels-sink";

    private LabelBranch() {}

    /**
     * Adds the branch below {@link EncodeTopology#ENCODED}.
     *
     * @param topology the encoding topology
     * @param labellers one for each head
     */
    public static void addTo(Topology topology, List<Labeller> labellers) {
        Wire<ActionLabels> wire = Wire.of(ActionLabels.getClassSchema(), new ActionLabels().getSpecificData());
        Serializer<ActionLabels> write = (topic, labels) -> wire.write(labels);
        topology.addProcessor(LABEL, () -> new LabelProcessor(labellers), EncodeTopology.ENCODED)
                .addSink(TO_LABELS, Topics.ACTION_LABELS, new ByteArraySerializer(), write, LABEL);
    }

    /** A record per head. */
    private static final class LabelProcessor extends ContextualProcessor<byte[], EncodedClip, byte[], ActionLabels> {
        private final List<Labeller> labellers;

        private LabelProcessor(List<Labeller> labellers) {
            this.labellers = labellers;
        }

        @Override
        public void process(Record<byte[], EncodedClip> clip) {
            for (Labeller labeller : labellers) {
                context().forward(clip.withValue(labeller.label(clip.value())));
            }
        }
    }
}
