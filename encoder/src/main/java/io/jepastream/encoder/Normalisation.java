package io.jepastream.encoder;

/** Channel statistics of the pictures that every official model was trained on (ImageNet, RGB in 0..1). */
final class Normalisation {
    private static final float[] MEAN = {0.485f, 0.456f, 0.406f};
    private static final float[] STD = {0.229f, 0.224f, 0.225f};

    private Normalisation() {}

    /** Means, then deviations: a {@code [2, 3]} tensor. */
    static float[] stats() {
        return new float[] {MEAN[0], MEAN[1], MEAN[2], STD[0], STD[1], STD[2]};
    }

    static float mean(int channel) {
        return MEAN[channel];
    }

    static float std(int channel) {
        return STD[channel];
    }
}
