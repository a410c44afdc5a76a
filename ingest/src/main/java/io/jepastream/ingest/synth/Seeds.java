package io.jepastream.ingest.synth;

import java.util.Random;

/** Independent random numbers for the parts of a scene, each a pure function of its seeds. */
final class Seeds {
    private Seeds() {}

    /** Mixes two numbers into one that looks random (the finaliser of SplitMix64). */
    static long mix(long a, long b) {
        long z = a * 0x9E3779B97F4A7C15L + b + 0x632BE59BD9B4E019L;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    /** A generator whose sequence is fixed by the Java specification. */
    static Random random(long seed, long part) {
        return new Random(mix(seed, part));
    }

    /** A number from {@code low} to {@code high}. */
    static double between(Random random, double low, double high) {
        return low + (high - low) * random.nextDouble();
    }

    /** {@code value} or its negative. */
    static double signed(Random random, double value) {
        return random.nextBoolean() ? value : -value;
    }
}
