package io.jepastream.trainer.finetune;

import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * Dropout before a head's last layer: in training, features of the pooled vector are left out, and the others count the
 * more, so that the mean stays.
 *
 * @param rate 0 to below 1
 */
public record HeadDropout(double rate) {
    public HeadDropout {
        if (!(rate >= 0 && rate < 1)) {
            throw new IllegalArgumentException("head-dropout: want 0 to below 1, got " + rate);
        }
    }

    /**
     * What each feature counts in one step.
     *
     * @param count features of all clips
     * @return 0, or 1 over the rate at which a feature stays
     */
    float[] draw(int count, RandomGenerator random) {
        float[] keep = new float[count];
        Arrays.fill(keep, 1);
        for (int i = 0; i < count && rate > 0; i++) {
            keep[i] = random.nextDouble() < rate ? 0 : (float) (1 / (1 - rate));
        }
        return keep;
    }
}
