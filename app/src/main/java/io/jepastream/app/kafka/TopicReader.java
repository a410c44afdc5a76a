package io.jepastream.app.kafka;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads the committed records of whole topics, or of ranges of offsets, outside of any consumer group. Used by one thread. */
public final class TopicReader implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(200);

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final List<TopicPartition> partitions;
    private final Map<TopicPartition, Long> ends;

    private final boolean ranged;

    private TopicReader(
            KafkaConsumer<byte[], byte[]> consumer,
            List<TopicPartition> partitions,
            Map<TopicPartition, Long> ends,
            boolean ranged) {
        this.consumer = consumer;
        this.partitions = partitions;
        this.ends = ends;
        this.ranged = ranged;
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
        return opened(site, consumer -> {
            List<TopicPartition> partitions = assigned(consumer, topics);
            if (fromBeginning) {
                consumer.seekToBeginning(partitions);
            } else {
                consumer.seekToEnd(partitions);
                partitions.forEach(consumer::position); // now, not at the first poll
            }
            return new TopicReader(consumer, partitions, consumer.endOffsets(partitions), false);
        });
    }

    /**
     * Takes ranges of offsets of a topic, and gives no record outside of them. A partition without a first offset starts
     * with its oldest record, one without an end stops at what is committed now.
     *
     * @param site the cluster
     * @param topic its name; must exist
     * @param from first offset by partition
     * @param to first offset that is too late, by partition
     * @return the reader; the caller closes it
     * @throws IllegalArgumentException if a partition is not there, or an offset is neither one that the topic holds nor
     *     the next to come
     */
    public static TopicReader open(Site site, String topic, Map<Integer, Long> from, Map<Integer, Long> to) {
        return opened(site, consumer -> {
            List<TopicPartition> partitions = assigned(consumer, List.of(topic));
            OffsetRange range = new OffsetRange(
                    topic, consumer.beginningOffsets(partitions), new HashMap<>(consumer.endOffsets(partitions)));
            Map<TopicPartition, Long> starts = range.starts(from);
            Map<TopicPartition, Long> ends = range.ends(to, starts);
            starts.forEach(consumer::seek);
            return new TopicReader(consumer, partitions, ends, true);
        });
    }

    private static TopicReader opened(Site site, Function<KafkaConsumer<byte[], byte[]>, TopicReader> open) {
        Map<String, Object> settings = site.clientSettings();
        settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        settings.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, 8 << 20);
        settings.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, 16 << 20);
        settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        try {
            return open.apply(consumer);
        } catch (RuntimeException e) {
            consumer.close();
            throw e;
        }
    }

    private static List<TopicPartition> assigned(KafkaConsumer<byte[], byte[]> consumer, Collection<String> topics) {
        List<TopicPartition> partitions =
                topics.stream().flatMap(topic -> partitionsOf(consumer, topic)).collect(Collectors.toList());
        consumer.assign(partitions);
        return partitions;
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
        if (!ranged) {
            return consumer.poll(POLL);
        }
        List<ConsumerRecord<byte[], byte[]>> inside = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
            if (record.offset() < end(new TopicPartition(record.topic(), record.partition()))) {
                inside.add(record);
            }
        }
        // What is done is not fetched any more, however much comes after its end.
        consumer.pause(partitions.stream()
                .filter(partition -> consumer.position(partition) >= end(partition))
                .toList());
        return inside;
    }

    private long end(TopicPartition partition) {
        return ends.getOrDefault(partition, 0L);
    }

    /** Offsets, committed and other, from here to what was the end when the reader was opened or last {@link #moveEnd moved} it. */
    public long recordsLeft() {
        return partitions.stream()
                .mapToLong(partition -> Math.max(0, end(partition) - consumer.position(partition)))
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
