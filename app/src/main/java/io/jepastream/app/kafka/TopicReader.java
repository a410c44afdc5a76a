package io.jepastream.app.kafka;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads the committed records of whole topics, outside of any consumer group. Used by one thread. */
public final class TopicReader implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(200);

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final List<TopicPartition> partitions;
    private final Map<TopicPartition, Long> ends;

    private TopicReader(KafkaConsumer<byte[], byte[]> consumer, List<TopicPartition> partitions) {
        this.consumer = consumer;
        this.partitions = partitions;
        this.ends = consumer.endOffsets(partitions);
    }

    /**
     * Takes every partition of a topic.
     *
     * @param site the cluster
     * @param topic its name; must exist
     * @param fromBeginning whether to start with the oldest record, else after the newest
     * @return the reader; the caller closes it
     */
    public static TopicReader open(Site site, String topic, boolean fromBeginning) {
        return open(site, List.of(topic), fromBeginning);
    }

    /**
     * Takes every partition of several topics.
     *
     * @param site the cluster
     * @param topics their names; must exist
     * @param fromBeginning whether to start with the oldest records, else after the newest
     * @return the reader; the caller closes it
     */
    public static TopicReader open(Site site, Collection<String> topics, boolean fromBeginning) {
        Map<String, Object> settings = site.clientSettings();
        settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        settings.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, 8 << 20);
        settings.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, 16 << 20);
        settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        try {
            List<TopicPartition> partitions = topics.stream()
                    .flatMap(topic -> partitionsOf(consumer, topic))
                    .collect(Collectors.toList());
            consumer.assign(partitions);
            if (fromBeginning) {
                consumer.seekToBeginning(partitions);
            } else {
                consumer.seekToEnd(partitions);
                partitions.forEach(consumer::position); // now, not at the first poll
            }
            return new TopicReader(consumer, partitions);
        } catch (RuntimeException e) {
            consumer.close();
            throw e;
        }
    }

    private static java.util.stream.Stream<TopicPartition> partitionsOf(
            KafkaConsumer<byte[], byte[]> consumer, String topic) {
        List<PartitionInfo> found = consumer.partitionsFor(topic);
        if (found == null || found.isEmpty()) {
            throw new IllegalArgumentException(
                    "topic %s: want it to exist, got no partitions; run 'jepa topics create'".formatted(topic));
        }
        return found.stream().map(info -> new TopicPartition(topic, info.partition()));
    }

    /** The next records, after a short wait; maybe none. */
    public Iterable<ConsumerRecord<byte[], byte[]>> poll() {
        return consumer.poll(POLL);
    }

    /** Offsets, committed and other, from here to what was the end when the reader was opened or last {@link #moveEnd moved} it. */
    public long recordsLeft() {
        return partitions.stream()
                .mapToLong(partition -> Math.max(0, ends.getOrDefault(partition, 0L) - consumer.position(partition)))
                .sum();
    }

    /** Takes what is committed now as the end for {@link #recordsLeft}. */
    public void moveEnd() {
        ends.putAll(consumer.endOffsets(partitions));
    }

    @Override
    public void close() {
        consumer.close();
    }
}
