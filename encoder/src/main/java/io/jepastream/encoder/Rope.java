package io.jepastream.encoder;

/** Frequencies and stretch of the three-axis rotary positions; V-JEPA 2 and 2.1 are not compatible. */
final class Rope {
    private Rope() {}

    /**
     * Frequencies of one axis for a head of {@code headDim} channels: {@code a = 2 ((headDim / 3) / 2)} of them, which
     * are {@code a / 2} different ones. The rotation pairs neighbouring channels.
     *
     * <p>V-JEPA 2 tiles the list, so that the two of a pair turn by different angles; its released weights were trained
     * so, and the mismatch must stay. V-JEPA 2.1 repeats every frequency in place, and a pair shares one angle.
     */
    static float[] omega(Family family, int headDim) {
        int a = 2 * (headDim / 3 / 2);
        float[] omega = new float[a];
        for (int i = 0; i < a; i++) {
            int j = family == Family.VJEPA21 ? i / 2 : i % (a / 2);
            omega[i] = (float) Math.pow(10_000, -j / (a / 2.0));
        }
        return omega;
    }

    /**
     * The place of the last row and column once stretched: that of a 16 x 16 grid for patches of 16 (256 pixels), of 18
     * x 18 for patches of 14 (252 pixels); 0 stands for no stretch.
     *
     * @throws IllegalArgumentException for other patches, for which the reference names no grid
     */
    static int span(boolean interpolate, int patchSize) {
        if (!interpolate) {
            return 0;
        }
        return switch (patchSize) {
            case 16 -> 256 / 16 - 1;
            case 14 -> 252 / 14 - 1;
            default ->
                throw new IllegalArgumentException("patch_size: want 14 or 16 with interpolate_rope, got " + patchSize);
        };
    }
}
