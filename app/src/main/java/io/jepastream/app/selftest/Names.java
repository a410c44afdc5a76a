package io.jepastream.app.selftest;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.jepastream.ingest.wire.DeadLetter;
import io.jepastream.ingest.wire.Topics;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/** How records are called in comparisons. */
final class Names {
    private Names() {}

    static String camera(byte @Nullable [] key) {
        return key == null ? "(no key)" : new String(key, UTF_8);
    }

    /** Where a record stands. */
    static String place(ConsumerRecord<byte[], byte[]> record) {
        return "%s-%d at %d".formatted(record.topic(), record.partition(), record.offset());
    }

    /** A header's text, empty where there is none. */
    static String header(ConsumerRecord<byte[], byte[]> record, String name) {
        Header header = record.headers().lastHeader(name);
        return header == null ? "" : new String(header.value(), UTF_8);
    }

    /** A record of the pipeline as the comparison sees it. */
    static Entry entry(ConsumerRecord<byte[], byte[]> record) {
        if (record.topic().equals(Topics.DEAD_LETTERS)) {
            return deadLetter(record);
        }
        return new Entry(
                camera(record.key()),
                header(record, Topics.HEADER_CLIP_START),
                Digest.of(record.key(), record.value(), record.timestamp(), record.headers()),
                place(record));
    }

    /** A dead clip of ours is named by its start, as its offset differs from run to run; any other by its place. */
    private static Entry deadLetter(ConsumerRecord<byte[], byte[]> record) {
        String start = header(record, Topics.HEADER_CLIP_START);
        String place = "%s-%s at %s"
                .formatted(
                        header(record, DeadLetter.TOPIC),
                        header(record, DeadLetter.PARTITION),
                        header(record, DeadLetter.OFFSET));
        return new Entry(
                header(record, DeadLetter.STAGE) + "/" + camera(record.key()),
                start.isEmpty() ? place : start,
                Digest.of(record.key(), record.value()),
                place(record));
    }
}
