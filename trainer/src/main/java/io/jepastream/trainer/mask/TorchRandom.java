package io.jepastream.trainer.mask;

import java.util.Arrays;

/**
 * The CPU generator of PyTorch: Mersenne Twister 19937 (Matsumoto and Nishimura, 1998), seeded as {@code manual_seed} does, one 32-bit output per
 * draw of a single number. Masks are drawn with it so that a seed gives the masks that it gives the reference. Not
 * thread-safe.
 */
public final class TorchRandom {
    private static final int N = 624;
    private static final int M = 397;

    private final int[] state = new int[N];
    private int index = N;

    /** Seeds with the low 32 bits. */
    public TorchRandom(long seed) {
        state[0] = (int) seed;
        for (int i = 1; i < N; i++) {
            state[i] = 1812433253 * (state[i - 1] ^ (state[i - 1] >>> 30)) + i;
        }
    }

    private TorchRandom(int[] state, int index) {
        System.arraycopy(state, 0, this.state, 0, N);
        this.index = index;
    }

    /** Goes on from a {@link #snapshot}. */
    public static TorchRandom restore(int[] snapshot) {
        if (snapshot.length != N + 1 || snapshot[N] < 0 || snapshot[N] > N) {
            throw new IllegalArgumentException(
                    "random state: want %d numbers and an index up to %d, got %d".formatted(N, N, snapshot.length));
        }
        return new TorchRandom(snapshot, snapshot[N]);
    }

    /** Everything that later draws depend on, for a checkpoint: 624 words and the index. */
    public int[] snapshot() {
        int[] snapshot = Arrays.copyOf(state, N + 1);
        snapshot[N] = index;
        return snapshot;
    }

    /** A float32 from [0, 1): the low 24 bits of an output over 2^24, widened. */
    public double uniform() {
        return (next() & 0xFFFFFF) / (double) (1 << 24);
    }

    /** An integer from [0, bound): an output modulo the bound. */
    public int below(int bound) {
        if (bound < 1) {
            throw new IllegalArgumentException("bound: want 1 or more, got " + bound);
        }
        return Integer.remainderUnsigned(next(), bound);
    }

    private int next() {
        if (index == N) {
            refill();
        }
        int x = state[index++];
        x ^= x >>> 11;
        x ^= (x << 7) & 0x9D2C5680;
        x ^= (x << 15) & 0xEFC60000;
        return x ^ (x >>> 18);
    }

    private void refill() {
        for (int i = 0; i < N; i++) {
            int mixed = (state[i] & 0x80000000) | (state[(i + 1) % N] & 0x7FFFFFFF);
            int twisted = (mixed >>> 1) ^ ((mixed & 1) == 0 ? 0 : 0x9908B0DF);
            state[i] = state[(i + M) % N] ^ twisted;
        }
        index = 0;
    }
}
