package io.jepastream.encoder;

/** Frequencies of V-JEPA 2's three-axis rotary positions. */
final class Rope {
    private Rope() {}

    /**
     * Frequencies of one axis for a head of {@code headDim} channels: {@code a = 2 ((headDim / 3) / 2)} of them, the
     * first half repeated once more. The reference tiles the list where its rotation pairs neighbours; released weights
     * were trained so, and the mismatch must stay.
     */
    static float[] omega(int headDim) {
        int a = 2 * (headDim / 3 / 2);
        float[] omega = new float[a];
        for (int i = 0; i < a; i++) {
            omega[i] = (float) Math.pow(10_000, -(i % (a / 2)) / (a / 2.0));
        }
        return omega;
    }
}
