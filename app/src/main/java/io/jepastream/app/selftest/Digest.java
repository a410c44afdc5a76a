package io.jepastream.app.selftest;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;

/** Fingerprints of records. */
final class Digest {
    private Digest() {}

    /** Of everything that a record says. */
    static String of(byte[] key, byte[] value, long timestamp, Headers headers) {
        MessageDigest sha = sha256();
        add(sha, key);
        add(sha, value);
        sha.update(ByteBuffer.allocate(Long.BYTES).putLong(timestamp).array());
        for (Header header : headers) {
            add(sha, header.key().getBytes(UTF_8));
            add(sha, header.value());
        }
        return HexFormat.of().formatHex(sha.digest());
    }

    /** Of key and value alone: the headers of a dead letter name offsets and messages. */
    static String of(byte[] key, byte[] value) {
        MessageDigest sha = sha256();
        add(sha, key);
        add(sha, value);
        return HexFormat.of().formatHex(sha.digest());
    }

    private static void add(MessageDigest sha, byte[] bytes) {
        sha.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).array());
        sha.update(bytes);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
