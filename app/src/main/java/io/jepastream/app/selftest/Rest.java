package io.jepastream.app.selftest;

import io.jepastream.app.kafka.GroupLag;
import io.jepastream.app.kafka.Site;
import io.jepastream.app.kafka.StreamsStage;
import io.jepastream.app.selftest.Difference.What;
import io.jepastream.encoder.stream.EncodeTopology;
import io.jepastream.ingest.clip.ClipTopology;
import io.jepastream.ingest.wire.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/** When everything that was fed is worked through: no lag, and no transaction open on any topic, changelogs too. */
final class Rest {
    private static final Duration LOOK = Duration.ofMillis(500);
    private static final int LOOKS = 3;

    private final Admin admin;
    private final Site site;

    Rest(Admin admin, Site site) {
        this.admin = admin;
        this.site = site;
    }

    /**
     * Waits for it.
     *
     * @return what is still in motion after this time; empty if nothing is
     */
    List<Difference> await(Duration longest) throws InterruptedException {
        long deadline = System.nanoTime() + longest.toNanos();
        List<Difference> moving = List.of();
        for (int quiet = 0; quiet < LOOKS; ) {
            try {
                moving = moving();
            } catch (ExecutionException | KafkaException e) { // a broker is on its way back
                moving = List.of(new Difference(What.UNFINISHED, "", "", "", String.valueOf(e.getMessage())));
            }
            quiet = moving.isEmpty() ? quiet + 1 : 0;
            if (System.nanoTime() > deadline) {
                return moving;
            }
            Thread.sleep(LOOK.toMillis());
        }
        return List.of();
    }

    private List<Difference> moving() throws InterruptedException, ExecutionException {
        List<Difference> moving = new ArrayList<>();
        lag(ClipTopology.STAGE, Topics.FRAMES, moving);
        lag(EncodeTopology.STAGE, Topics.CLIPS, moving);
        Map<TopicPartition, OffsetSpec> ask = partitions();
        Map<TopicPartition, ListOffsetsResultInfo> written = offsets(ask, IsolationLevel.READ_UNCOMMITTED);
        Map<TopicPartition, ListOffsetsResultInfo> stable = offsets(ask, IsolationLevel.READ_COMMITTED);
        written.forEach((partition, end) -> {
            ListOffsetsResultInfo last = stable.get(partition);
            if (last != null && last.offset() != end.offset()) {
                moving.add(new Difference(
                        What.UNFINISHED,
                        partition.topic(),
                        "",
                        "partition " + partition.partition(),
                        "a transaction is open from %d, the end is %d".formatted(last.offset(), end.offset())));
            }
        });
        return moving;
    }

    private void lag(String stage, String topic, List<Difference> moving) throws InterruptedException {
        long lag = new GroupLag(admin, StreamsStage.group(site, stage), topic).offsets();
        if (lag > 0) {
            moving.add(new Difference(What.UNFINISHED, topic, "", "", stage + " is behind by " + lag));
        }
    }

    private Map<TopicPartition, OffsetSpec> partitions() throws InterruptedException, ExecutionException {
        Map<TopicPartition, OffsetSpec> ask = new HashMap<>();
        for (TopicDescription topic : admin.describeTopics(Remains.topics(admin, site))
                .allTopicNames()
                .get()
                .values()) {
            topic.partitions()
                    .forEach(info -> ask.put(new TopicPartition(topic.name(), info.partition()), OffsetSpec.latest()));
        }
        return ask;
    }

    private Map<TopicPartition, ListOffsetsResultInfo> offsets(
            Map<TopicPartition, OffsetSpec> ask, IsolationLevel level) throws InterruptedException, ExecutionException {
        Map<TopicPartition, ListOffsetsResultInfo> found =
                new TreeMap<>((a, b) -> a.toString().compareTo(b.toString()));
        found.putAll(admin.listOffsets(ask, new ListOffsetsOptions(level)).all().get());
        return found;
    }
}
