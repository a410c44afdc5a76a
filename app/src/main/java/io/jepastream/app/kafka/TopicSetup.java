package io.jepastream.app.kafka;

import io.jepastream.ingest.wire.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.LeaderNotAvailableException;
import org.apache.kafka.common.errors.NotLeaderOrFollowerException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;

/** Makes the topics of the pipeline, and says what was there already. */
public final class TopicSetup {
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(60);

    private final Admin admin;

    /** What was found or done about a topic. */
    public record Found(String topic, int partitions, int replication, boolean created) {}

    /**
     * Works through this client.
     *
     * @param admin stays the caller's to close
     */
    public TopicSetup(Admin admin) {
        this.admin = admin;
    }

    /**
     * Makes every topic that is missing and waits until each partition has a leader that answers: an idempotent producer that
     * writes earlier may lose its first batch for minutes (KAFKA-15591).
     *
     * @param partitions of a new topic, 1 or more; {@link Topics#SITE} has one
     * @param replication of a new topic; -1 is the broker's default
     * @param framesRetention how long new topics keep frames and clips
     * @return every topic, in the order of the pipeline
     */
    public List<Found> ensure(int partitions, short replication, Duration framesRetention) throws InterruptedException {
        Set<String> present = present();
        for (String topic : Topics.ALL) {
            if (!present.contains(topic)) {
                create(new NewTopic(topic, topic.equals(Topics.SITE) ? 1 : partitions, replication)
                        .configs(settings(topic, framesRetention)));
            }
        }
        Map<String, TopicDescription> descriptions = awaitLeaders();
        List<Found> found = new ArrayList<>();
        for (String topic : Topics.ALL) {
            TopicDescription description = descriptions.get(topic);
            if (description != null) {
                int copies = description.partitions().get(0).replicas().size();
                found.add(new Found(topic, description.partitions().size(), copies, !present.contains(topic)));
            }
        }
        return found;
    }

    /** The topics of the pipeline that exist. */
    public Map<String, TopicDescription> describe() throws InterruptedException {
        Set<String> present = present();
        try {
            return admin.describeTopics(
                            Topics.ALL.stream().filter(present::contains).toList())
                    .allTopicNames()
                    .get();
        } catch (ExecutionException e) {
            throw failure("describing topics", e);
        }
    }

    private Set<String> present() throws InterruptedException {
        try {
            return admin.listTopics().names().get();
        } catch (ExecutionException e) {
            throw failure("listing topics", e);
        }
    }

    private void create(NewTopic topic) throws InterruptedException {
        try {
            admin.createTopics(List.of(topic)).all().get();
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof TopicExistsException)) { // another process was first: as good
                throw failure("creating topic " + topic.name(), e);
            }
        }
    }

    private static Map<String, String> settings(String topic, Duration framesRetention) {
        Map<String, String> settings = new HashMap<>();
        if (topic.equals(Topics.SITE)) {
            return Map.of("cleanup.policy", "compact");
        }
        settings.put("max.message.bytes", Integer.toString(Topics.MAX_RECORD_BYTES));
        boolean pictures = topic.equals(Topics.FRAMES) || topic.equals(Topics.CLIPS);
        Duration retention = pictures ? framesRetention : Duration.ofDays(30);
        settings.put("retention.ms", Long.toString(retention.toMillis()));
        settings.put("compression.type", "producer");
        return settings;
    }

    private Map<String, TopicDescription> awaitLeaders() throws InterruptedException {
        long deadline = System.nanoTime() + LONGEST_WAIT.toNanos();
        while (true) {
            Map<String, TopicDescription> topics = known(deadline);
            if (topics.size() == Topics.ALL.size() && leadersAnswer(topics, deadline)) {
                return topics;
            }
            if (System.nanoTime() > deadline) {
                throw new KafkaException("topics: want a leader for every partition within %s".formatted(LONGEST_WAIT));
            }
            Thread.sleep(50);
        }
    }

    /** As {@link #describe}; nothing where the broker that is asked has not heard yet of what another one has listed. */
    private Map<String, TopicDescription> known(long deadline) throws InterruptedException {
        try {
            return describe();
        } catch (KafkaException e) {
            if (!leaderIsComing(e.getCause()) || System.nanoTime() > deadline) {
                throw e;
            }
            return Map.of();
        }
    }

    /** Whether each partition answers by now. */
    private boolean leadersAnswer(Map<String, TopicDescription> topics, long deadline) throws InterruptedException {
        Map<TopicPartition, OffsetSpec> ask = topics.values().stream()
                .flatMap(topic -> IntStream.range(0, topic.partitions().size())
                        .mapToObj(partition -> new TopicPartition(topic.name(), partition)))
                .collect(Collectors.toMap(partition -> partition, partition -> OffsetSpec.latest()));
        try {
            admin.listOffsets(ask).all().get();
            return true;
        } catch (ExecutionException e) {
            if (!leaderIsComing(e.getCause()) || System.nanoTime() > deadline) {
                throw failure("waiting for the topics' leaders", e);
            }
            return false;
        }
    }

    private static boolean leaderIsComing(@Nullable Throwable cause) {
        return cause instanceof LeaderNotAvailableException
                || cause instanceof NotLeaderOrFollowerException
                || cause instanceof UnknownTopicOrPartitionException
                || cause instanceof org.apache.kafka.common.errors.TimeoutException;
    }

    private static KafkaException failure(String doing, ExecutionException e) {
        Throwable cause = e.getCause() == null ? e : e.getCause();
        return new KafkaException("%s failed: %s".formatted(doing, cause.getMessage()), cause);
    }
}
