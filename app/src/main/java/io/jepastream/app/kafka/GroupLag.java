package io.jepastream.app.kafka;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** How far a consumer group is behind the end of a topic. */
public final class GroupLag {
    private final Admin admin;
    private final String group;
    private final String topic;

    /**
     * Watches one group on one topic.
     *
     * @param admin stays the caller's to close
     */
    public GroupLag(Admin admin, String group, String topic) {
        this.admin = admin;
        this.group = group;
        this.topic = topic;
    }

    /** Offsets that the group has not committed; on a topic without transactions, records. */
    public long offsets() throws InterruptedException {
        try {
            int partitions = admin.describeTopics(List.of(topic)).allTopicNames().get().values().stream()
                    .mapToInt(description -> description.partitions().size())
                    .sum();
            Map<TopicPartition, OffsetSpec> ask = IntStream.range(0, partitions)
                    .mapToObj(partition -> new TopicPartition(topic, partition))
                    .collect(Collectors.toMap(partition -> partition, partition -> OffsetSpec.latest()));
            Map<TopicPartition, ListOffsetsResultInfo> ends =
                    admin.listOffsets(ask).all().get();
            Map<TopicPartition, OffsetAndMetadata> committed = admin.listConsumerGroupOffsets(group)
                    .partitionsToOffsetAndMetadata()
                    .get();
            return ends.entrySet().stream()
                    .mapToLong(end -> behind(end.getValue().offset(), committed.get(end.getKey())))
                    .sum();
        } catch (ExecutionException e) {
            throw new KafkaException(
                    "reading the lag of %s on %s failed: %s".formatted(group, topic, e.getMessage()), e);
        }
    }

    private static long behind(long end, @Nullable OffsetAndMetadata committed) {
        return committed == null ? end : Math.max(0, end - committed.offset());
    }
}
