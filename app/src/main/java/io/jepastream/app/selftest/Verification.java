package io.jepastream.app.selftest;

import io.jepastream.app.kafka.Site;
import io.jepastream.app.kafka.TopicReader;
import io.jepastream.app.selftest.Difference.What;
import io.jepastream.ingest.clip.ClipConfig;
import io.jepastream.ingest.wire.Topics;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Reads what was committed and compares it with the truth. */
final class Verification {
    /** Clips come first: their order is that of their dead letters. */
    private static final List<String> OUTPUTS =
            List.of(Topics.CLIPS, Topics.CLIP_GAPS, Topics.EMBEDDINGS, Topics.ACTION_LABELS, Topics.DEAD_LETTERS);

    private final Site site;
    private final List<Difference> differences = new ArrayList<>();
    private final Map<String, Integer> records = new LinkedHashMap<>();

    private Verification(Site site) {
        this.site = site;
    }

    /**
     * What was found.
     *
     * @param records how many each topic holds
     */
    record Result(List<Difference> differences, Map<String, Integer> records) {}

    /**
     * Compares every topic.
     *
     * @param acknowledged numbers of the frames that must be in the log
     */
    static Result of(Site site, ClipConfig config, Brain brain, BitSet acknowledged) {
        Verification verification = new Verification(site);
        try (GroundTruth truth = new GroundTruth(config, brain)) {
            verification.frames(truth, acknowledged);
            for (String topic : OUTPUTS) {
                verification.output(truth, topic);
            }
        }
        return new Result(verification.differences, verification.records);
    }

    private void frames(GroundTruth truth, BitSet acknowledged) {
        BitSet found = new BitSet();
        read(Topics.FRAMES, record -> {
            if (!Names.header(record, Poison.HEADER).isEmpty()) {
                truth.poison(record);
                return;
            }
            int number = Integer.parseInt(Names.header(record, Feeder.HEADER));
            if (found.get(number)) {
                differences.add(new Difference(
                        What.TWICE, Topics.FRAMES, Names.camera(record.key()), "#" + number, Names.place(record)));
            }
            found.set(number);
            truth.frame(record);
        });
        BitSet lost = (BitSet) acknowledged.clone();
        lost.andNot(found);
        lost.stream()
                .forEach(number -> differences.add(new Difference(
                        What.LOST_FRAME, Topics.FRAMES, "", "#" + number, "acknowledged, and not in the log")));
    }

    private void output(GroundTruth truth, String topic) {
        List<Entry> actual = new ArrayList<>();
        read(topic, record -> {
            if (!topic.equals(Topics.DEAD_LETTERS)
                    && !Names.header(record, Poison.HEADER).isEmpty()) {
                truth.poison(record);
                return;
            }
            actual.add(Names.entry(record));
            if (topic.equals(Topics.CLIPS)) {
                truth.committed(record);
            }
        });
        if (topic.equals(Topics.CLIPS)) {
            truth.noMoreClips();
        }
        differences.addAll(Comparison.of(topic, truth.of(topic), actual));
    }

    private void read(String topic, Consumer<ConsumerRecord<byte[], byte[]>> each) {
        int[] count = new int[1];
        try (TopicReader reader = TopicReader.open(site, topic, true)) {
            while (reader.recordsLeft() > 0) {
                for (ConsumerRecord<byte[], byte[]> record : reader.poll()) {
                    count[0]++;
                    each.accept(record);
                }
            }
        }
        records.put(topic, count[0]);
    }
}
