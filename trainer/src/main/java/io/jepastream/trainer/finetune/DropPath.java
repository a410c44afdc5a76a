package io.jepastream.trainer.finetune;

import java.util.random.RandomGenerator;

/**
 * Stochastic depth (arXiv:1603.09382): in training, a residual branch of a block is left out for some samples, and counts
 * the more for the others, so that its mean stays. Rates rise in a straight line from 0 at the first block.
 *
 * @param rate of the last block, 0 to below 1
 * @param depth blocks of the encoder
 */
public record DropPath(double rate, int depth) {
    public DropPath {
        if (!(rate >= 0 && rate < 1) || depth < 1) {
            throw new IllegalArgumentException(
                    "drop-path: want 0 to below 1 and at least one block, got %s and %d".formatted(rate, depth));
        }
    }

    /** How often a branch of block {@code block}, from 0, is left out. */
    public double rate(int block) {
        return depth == 1 ? rate : rate * block / (depth - 1);
    }

    /**
     * What each branch counts in one step.
     *
     * @return {@code [depth, 2, B]} row by row: 0, or 1 over the rate at which the branch stays
     */
    float[] draw(int batch, RandomGenerator random) {
        float[] keep = new float[depth * 2 * batch];
        for (int i = 0; i < keep.length; i++) {
            double drop = rate(i / (2 * batch));
            keep[i] = random.nextDouble() < drop ? 0 : (float) (1 / (1 - drop));
        }
        return keep;
    }
}
