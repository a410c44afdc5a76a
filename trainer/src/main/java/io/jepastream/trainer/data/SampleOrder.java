package io.jepastream.trainer.data;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Which sample comes at which position of an endless row: a pure function of the seed. Without weights every sample comes
 * once in an epoch, in a new order each; with weights a set is drawn by its weight and a sample of it evenly, so that each
 * sample has the probability {@code w_d / n_d}. Thread-safe.
 */
final class SampleOrder {
    private static final int KEPT = 3; // epochs at hand: prefetching straddles two

    private final long seed;
    private final int[] starts;
    private final double[] upTo;
    private final boolean shuffled;
    private final Map<Long, int[]> epochs = new LinkedHashMap<>();

    /**
     * A sample.
     *
     * @param set number of the set
     * @param index in the set
     */
    record Pick(int set, int index) {}

    /**
     * An order.
     *
     * @param sizes of the sets
     * @param weights of the sets, in any unit; empty: every sample once an epoch
     * @param shuffled whether epochs are shuffled; else one after another, as the sets have them
     */
    SampleOrder(List<Integer> sizes, List<Double> weights, long seed, boolean shuffled) {
        this.seed = seed;
        this.shuffled = shuffled;
        starts = new int[sizes.size() + 1];
        for (int i = 0; i < sizes.size(); i++) {
            starts[i + 1] = Math.addExact(starts[i], sizes.get(i));
        }
        upTo = new double[weights.size()];
        double sum = 0;
        for (int i = 0; i < weights.size(); i++) {
            sum += weights.get(i);
            upTo[i] = sum;
        }
    }

    /** Samples of one epoch. */
    int size() {
        return starts[starts.length - 1];
    }

    Pick at(long position) {
        if (upTo.length > 0) {
            return drawn(random(position, 0));
        }
        int within = (int) (position % size());
        return pick(shuffled ? epoch(position / size())[within] : within);
    }

    /**
     * What takes a sample's place when it cannot be read, on the {@code attempt}-th attempt from 1 on: another of its set,
     * so that shares and lengths of clips do not depend on what can be read.
     */
    Pick other(long position, int attempt) {
        int set = at(position).set();
        return new Pick(set, random(position, attempt).nextInt(starts[set + 1] - starts[set]));
    }

    /** Independent random numbers for an attempt at a position. */
    SplittableRandom random(long position, int attempt) {
        return new SplittableRandom(mix(mix(seed, position), attempt));
    }

    private Pick drawn(SplittableRandom random) {
        double dice = random.nextDouble() * upTo[upTo.length - 1];
        int set = 0;
        while (dice >= upTo[set]) {
            set++;
        }
        return new Pick(set, random.nextInt(starts[set + 1] - starts[set]));
    }

    private Pick pick(int number) {
        int found = Arrays.binarySearch(starts, number);
        int set = found >= 0 ? found : -found - 2;
        while (starts[set + 1] == starts[set]) {
            set++;
        }
        return new Pick(set, number - starts[set]);
    }

    private synchronized int[] epoch(long number) {
        int[] order = epochs.get(number);
        if (order == null) {
            order = shuffled(number);
            if (epochs.size() == KEPT) {
                epochs.remove(epochs.keySet().iterator().next());
            }
            epochs.put(number, order);
        }
        return order;
    }

    private int[] shuffled(long epoch) {
        SplittableRandom random = new SplittableRandom(mix(seed, ~epoch));
        int[] order = new int[size()];
        for (int i = 0; i < order.length; i++) {
            int other = random.nextInt(i + 1);
            order[i] = order[other];
            order[other] = i;
        }
        return order;
    }

    /** Two numbers into one that looks random (the finaliser of MurmurHash3, twice). */
    static long mix(long a, long b) {
        return stir(stir(a) + b);
    }

    private static long stir(long value) {
        long z = value + 0x632BE59BD9B4E019L;
        z = (z ^ (z >>> 33)) * 0xFF51AFD7ED558CCDL;
        z = (z ^ (z >>> 33)) * 0xC4CEB9FE1A85EC53L;
        return z ^ (z >>> 33);
    }
}
