package io.jepastream.ingest.wire;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;

/**
 * A record that could not be processed: key and value as they came, its own headers, and where it stood and why it failed
 * in further ones. The stream goes on; nothing is lost.
 */
public final class DeadLetter {
    /** Topic that the record was read from. */
    public static final String TOPIC = "dead-letter-topic";

    /** Partition that the record was read from. */
    public static final String PARTITION = "dead-letter-partition";

    /** Offset that the record was read from. */
    public static final String OFFSET = "dead-letter-offset";

    /** Stage that gave up: {@code assemble} or {@code encode}. */
    public static final String STAGE = "dead-letter-stage";

    /** Class of the error. */
    public static final String ERROR = "dead-letter-error";

    /** What was wanted and what came. */
    public static final String MESSAGE = "dead-letter-message";

    private static final int LONGEST_MESSAGE = 1000;

    private DeadLetter() {}

    /**
     * The record to send to {@link Topics#DEAD_LETTERS}.
     *
     * @param record as it was read
     * @param from where it was read
     * @param stage the stage that gives up
     * @param error why
     */
    public static Record<byte[], byte[]> of(
            Record<byte[], byte[]> record, RecordMetadata from, String stage, Throwable error) {
        Headers headers = new RecordHeaders(record.headers().toArray());
        headers.add(TOPIC, from.topic().getBytes(UTF_8));
        headers.add(PARTITION, Integer.toString(from.partition()).getBytes(UTF_8));
        headers.add(OFFSET, Long.toString(from.offset()).getBytes(UTF_8));
        headers.add(STAGE, stage.getBytes(UTF_8));
        headers.add(ERROR, error.getClass().getName().getBytes(UTF_8));
        headers.add(MESSAGE, message(error).getBytes(UTF_8));
        return record.withHeaders(headers);
    }

    private static String message(Throwable error) {
        String text = String.valueOf(error.getMessage());
        return text.length() <= LONGEST_MESSAGE ? text : text.substring(0, LONGEST_MESSAGE);
    }
}
