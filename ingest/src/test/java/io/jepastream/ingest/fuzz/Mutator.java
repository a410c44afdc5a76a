package io.jepastream.ingest.fuzz;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Makes bad inputs of good ones: each is a function of its random numbers alone. */
final class Mutator {
    private static final int MOST_GROWTH = 4 << 10;
    private static final int MOST_CHANGES = 5;
    private static final int NOISE_BYTES = 512;
    private static final long[] EXTREMES = {
        0,
        1,
        2,
        -1,
        -2,
        Byte.MAX_VALUE,
        Byte.MIN_VALUE,
        Short.MAX_VALUE,
        0xFFFF,
        1 << 16,
        1 << 24,
        1 << 30,
        Integer.MAX_VALUE,
        Integer.MAX_VALUE - 8,
        Integer.MIN_VALUE,
        0xFFFFFFFFL,
        1L << 32,
        1L << 40,
        1L << 61,
        Long.MAX_VALUE,
        Long.MIN_VALUE
    };
    private static final List<String> NUMBERS = List.of(
            "0",
            "-1",
            "2147483647",
            "-2147483648",
            "4294967296",
            "9223372036854775807",
            "-9223372036854775808",
            "18446744073709551617",
            "1e999",
            "-1e-999",
            "0.5",
            "1_0",
            "0x7f",
            "0b1",
            "0o7",
            "NaN",
            "Infinity",
            ".inf");

    private final List<byte[]> seeds;
    private final List<byte[]> words;
    private final int most;

    Mutator(List<byte[]> seeds, List<byte[]> words) {
        this.seeds = seeds;
        this.words = words;
        this.most =
                MOST_GROWTH + seeds.stream().mapToInt(seed -> seed.length).max().orElse(0);
    }

    byte[] next(SplittableRandom random) {
        if (random.nextInt(50) == 0) {
            return noise(random, NOISE_BYTES);
        }
        byte[] input = one(seeds, random).clone();
        int changes = 1 + random.nextInt(MOST_CHANGES);
        for (int i = 0; i < changes; i++) {
            input = changed(input, random);
        }
        return input.length <= most ? input : Arrays.copyOf(input, most);
    }

    private byte[] changed(byte[] input, SplittableRandom random) {
        int at = random.nextInt(input.length + 1);
        int end = at + random.nextInt(Math.min(input.length - at, 1 << random.nextInt(1, 12)) + 1);
        return switch (random.nextInt(12)) {
            case 0 -> flipped(input, random);
            case 1 -> random.nextBoolean() ? Arrays.copyOf(input, at) : Arrays.copyOfRange(input, at, input.length);
            case 2 -> spliced(input, at, random);
            case 3 -> replaced(input, at, at, noise(random, 16));
            case 4 -> replaced(input, at, end, new byte[0]);
            case 5 -> replaced(input, at, at, Arrays.copyOfRange(input, at, end));
            case 6 -> replaced(input, at, end, noise(random, Math.max(1, end - at)));
            case 7 -> overwritten(input, at, fixed(random));
            case 8 -> overwritten(input, at, varint(random));
            case 9 -> numbered(input, at, random);
            case 10 -> overwritten(input, at, word(random));
            default -> replaced(input, at, random.nextBoolean() ? at : end, word(random));
        };
    }

    private static byte[] flipped(byte[] input, SplittableRandom random) {
        if (input.length > 0) {
            input[random.nextInt(input.length)] ^= (byte) (1 << random.nextInt(8));
        }
        return input;
    }

    private byte[] spliced(byte[] input, int at, SplittableRandom random) {
        byte[] other = one(seeds, random);
        return replaced(
                input, at, input.length, Arrays.copyOfRange(other, random.nextInt(other.length + 1), other.length));
    }

    /** An integer of 1 to 8 bytes, of either byte order. */
    private static byte[] fixed(SplittableRandom random) {
        long value = EXTREMES[random.nextInt(EXTREMES.length)];
        byte[] bytes = new byte[1 << random.nextInt(4)];
        boolean little = random.nextBoolean();
        for (int i = 0; i < bytes.length; i++) {
            bytes[little ? i : bytes.length - 1 - i] = (byte) (value >>> (8 * i));
        }
        return bytes;
    }

    /** A zigzag integer of variable length, as Avro writes lengths. */
    private static byte[] varint(SplittableRandom random) {
        long value = EXTREMES[random.nextInt(EXTREMES.length)];
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (long left = (value << 1) ^ (value >> 63); ; left >>>= 7) {
            if (left >>> 7 == 0) {
                out.write((int) left);
                return out.toByteArray();
            }
            out.write((int) ((left & 0x7F) | 0x80));
        }
    }

    /** The next number in digits, replaced. */
    private static byte[] numbered(byte[] input, int from, SplittableRandom random) {
        int at = from;
        while (at < input.length && !isDigit(input[at])) {
            at++;
        }
        int end = at;
        while (end < input.length && isDigit(input[end])) {
            end++;
        }
        String number = NUMBERS.get(random.nextInt(NUMBERS.size()));
        return replaced(input, at, end, number.getBytes(StandardCharsets.UTF_8));
    }

    private static boolean isDigit(byte b) {
        return b >= '0' && b <= '9';
    }

    private byte[] word(SplittableRandom random) {
        return words.isEmpty() ? fixed(random) : one(words, random);
    }

    private static byte[] overwritten(byte[] input, int at, byte[] with) {
        return replaced(input, at, Math.min(input.length, at + with.length), with);
    }

    private static byte[] replaced(byte[] input, int from, int to, byte[] with) {
        byte[] out = new byte[input.length - (to - from) + with.length];
        System.arraycopy(input, 0, out, 0, from);
        System.arraycopy(with, 0, out, from, with.length);
        System.arraycopy(input, to, out, from + with.length, input.length - to);
        return out;
    }

    private static byte[] noise(SplittableRandom random, int most) {
        byte[] bytes = new byte[random.nextInt(most + 1)];
        random.nextBytes(bytes);
        return bytes;
    }

    private static byte[] one(List<byte[]> of, SplittableRandom random) {
        return of.get(random.nextInt(of.size()));
    }
}
