package io.jepastream.trainer.mask;

/** Tokens of a batch that the encoder sees and tokens that the predictor predicts; a token may be in neither. */
public final class MaskPair {
    private final int[][] context;
    private final int[][] target;

    /**
     * Keeps the arrays, without a copy.
     *
     * @param context {@code [B][K]} ascending token ids
     * @param target {@code [B][M]} ascending token ids
     */
    public MaskPair(int[][] context, int[][] target) {
        this.context = context;
        this.target = target;
    }

    /** Samples B. */
    public int batch() {
        return context.length;
    }

    /** Tokens per sample K that the encoder sees. */
    public int contextSize() {
        return context[0].length;
    }

    /** Tokens per sample M that are predicted. */
    public int targetSize() {
        return target[0].length;
    }

    /** What a sample's encoder sees, ascending; a copy. */
    public int[] context(int sample) {
        return context[sample].clone();
    }

    /** What is predicted for a sample, ascending; a copy. */
    public int[] target(int sample) {
        return target[sample].clone();
    }

    /** {@code [B, K]}, row by row. */
    public long[] contextIds() {
        return flat(context);
    }

    /** {@code [B, M]}, row by row. */
    public long[] targetIds() {
        return flat(target);
    }

    private static long[] flat(int[][] rows) {
        long[] out = new long[rows.length * rows[0].length];
        int at = 0;
        for (int[] row : rows) {
            for (int id : row) {
                out[at++] = id;
            }
        }
        return out;
    }
}
