package io.jepastream.app.kafka;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.common.TopicPartition;

/**
 * The offsets that a topic holds, and what may be read of them.
 *
 * @param oldest offset of the oldest record of each partition
 * @param next offset that the next committed record of each partition gets
 */
record OffsetRange(String topic, Map<TopicPartition, Long> oldest, Map<TopicPartition, Long> next) {
    /** Where to start in each partition. */
    Map<TopicPartition, Long> starts(Map<Integer, Long> wanted) {
        Map<TopicPartition, Long> starts = new HashMap<>(oldest);
        wanted.forEach((number, offset) -> starts.put(held("first", number, offset), offset));
        return starts;
    }

    /** Where to stop in each partition, the end itself not included. */
    Map<TopicPartition, Long> ends(Map<Integer, Long> wanted, Map<TopicPartition, Long> starts) {
        Map<TopicPartition, Long> ends = new HashMap<>(next);
        wanted.forEach((number, offset) -> {
            TopicPartition partition = held("end", number, offset);
            long start = Objects.requireNonNull(starts.get(partition));
            if (offset < start) {
                throw new IllegalArgumentException("%s-%d: want an end offset from the first, %d, on, got %d"
                        .formatted(topic, number, start, offset));
            }
            ends.put(partition, offset);
        });
        return ends;
    }

    private TopicPartition held(String which, int number, long offset) {
        TopicPartition partition = new TopicPartition(topic, number);
        Long first = oldest.get(partition);
        Long last = next.get(partition);
        if (first == null || last == null) {
            throw new IllegalArgumentException(
                    "%s: want partition 0 to %d for an offset, got %d".formatted(topic, oldest.size() - 1, number));
        }
        if (offset < first || offset > last) {
            throw new IllegalArgumentException("%s-%d: want %s offset from %d to %d, which the topic holds, got %d"
                    .formatted(topic, number, which.equals("end") ? "an end" : "a first", first, last, offset));
        }
        return partition;
    }
}
