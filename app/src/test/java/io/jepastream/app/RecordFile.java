package io.jepastream.app;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.util.HexFormat;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;

/** A whole Kafka record as a small text file: a line for the key, the value and each header, bytes as hexadecimal digits. */
final class RecordFile {
    private static final HexFormat HEX = HexFormat.of();

    private RecordFile() {}

    /** The committed file's text; null if there is none. */
    static @Nullable String committed(String file) throws IOException {
        try (InputStream in = RecordFile.class.getResourceAsStream("/wire/" + file)) {
            return in == null ? null : new String(in.readAllBytes(), UTF_8);
        }
    }

    static String write(byte[] key, byte[] value, Iterable<Header> headers) {
        StringBuilder text = new StringBuilder();
        text.append("key ").append(HEX.formatHex(key)).append('\n');
        text.append("value ").append(HEX.formatHex(value)).append('\n');
        for (Header header : headers) {
            text.append("header ").append(header.key()).append(' ');
            text.append(HEX.formatHex(header.value())).append('\n');
        }
        return text.toString();
    }

    static ConsumerRecord<byte[], byte[]> read(String topic, String text) {
        RecordHeaders headers = new RecordHeaders();
        text.lines()
                .filter(line -> line.startsWith("header "))
                .map(line -> line.split(" ", -1))
                .forEach(words -> headers.add(words[1], HEX.parseHex(words[2])));
        byte[] key = one(text, "key ");
        byte[] value = one(text, "value ");
        return new ConsumerRecord<>(
                topic,
                0,
                0,
                0,
                TimestampType.CREATE_TIME,
                key.length,
                value.length,
                key,
                value,
                headers,
                java.util.Optional.empty());
    }

    private static byte[] one(String text, String start) {
        return HEX.parseHex(Stream.of(text.split("\n"))
                .filter(line -> line.startsWith(start))
                .map(line -> line.substring(start.length()))
                .collect(Collectors.joining()));
    }
}
