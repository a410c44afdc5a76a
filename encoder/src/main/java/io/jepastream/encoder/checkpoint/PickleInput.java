package io.jepastream.encoder.checkpoint;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** The bytes of a pickle, read front to back; every length is checked against what is left before anything is made. */
final class PickleInput {
    private static final int MAX_LINE = 256;
    private static final int MAX_INTEGER_BYTES = 1024;

    private final FileBytes file;
    private final String what;
    private final ByteBuffer bytes;

    PickleInput(FileBytes file, String what, ByteBuffer bytes) {
        this.file = file;
        this.what = what;
        this.bytes = bytes.order(ByteOrder.LITTLE_ENDIAN);
    }

    int position() {
        return bytes.position();
    }

    int u1() throws CheckpointException {
        return Byte.toUnsignedInt(need(1).get());
    }

    int u2() throws CheckpointException {
        return Short.toUnsignedInt(need(2).getShort());
    }

    int i4() throws CheckpointException {
        return need(4).getInt();
    }

    long u4() throws CheckpointException {
        return Integer.toUnsignedLong(i4());
    }

    long i8() throws CheckpointException {
        return need(8).getLong();
    }

    /** Floats are the only big-endian values of a pickle. */
    double f8() throws CheckpointException {
        return Double.longBitsToDouble(Long.reverseBytes(i8()));
    }

    String text(long length) throws CheckpointException {
        return new String(take(length), StandardCharsets.UTF_8);
    }

    /** A little-endian two's complement integer: a Long where it fits. */
    Number integer(long length) throws CheckpointException {
        if (length > MAX_INTEGER_BYTES) {
            throw bad("want integers of at most %d bytes, got %d".formatted(MAX_INTEGER_BYTES, length));
        }
        byte[] digits = take(length);
        for (int i = 0; i < digits.length / 2; i++) {
            byte swap = digits[i];
            digits[i] = digits[digits.length - 1 - i];
            digits[digits.length - 1 - i] = swap;
        }
        BigInteger value = digits.length == 0 ? BigInteger.ZERO : new BigInteger(digits);
        if (value.bitLength() < Long.SIZE) {
            return value.longValue();
        }
        return value;
    }

    /** Text up to the next line feed. */
    String line() throws CheckpointException {
        StringBuilder line = new StringBuilder();
        for (int c = u1(); c != '\n'; c = u1()) {
            if (line.length() == MAX_LINE) {
                throw bad("want names of at most %d bytes, got more".formatted(MAX_LINE));
            }
            line.append((char) c);
        }
        return line.toString();
    }

    private byte[] take(long length) throws CheckpointException {
        need(length);
        byte[] taken = new byte[(int) length];
        bytes.get(taken);
        return taken;
    }

    private ByteBuffer need(long length) throws CheckpointException {
        if (length < 0 || length > bytes.remaining()) {
            throw bad("want %s more bytes, got only %d: truncated"
                    .formatted(Long.toUnsignedString(length), bytes.remaining()));
        }
        return bytes;
    }

    CheckpointException bad(String problem) {
        return file.bad("%s, byte %d: %s".formatted(what, bytes.position(), problem));
    }
}
