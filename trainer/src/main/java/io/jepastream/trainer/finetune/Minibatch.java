package io.jepastream.trainer.finetune;

/**
 * What one step sees; the arrays are not copied.
 *
 * <p>{@code B} clips, {@code T} frames, {@code S} pixels a side, {@code C} classes, {@code D} width.
 */
final class Minibatch {
    private final byte[] pixels;
    private final float[] targets;
    private final float[] branches;
    private final float[] features;
    private final int size;

    /**
     * A batch and what is left out in it.
     *
     * @param size B
     * @param pixels {@code [B, 3, T, S, S]} uint8 RGB, row by row
     * @param targets {@code [B, C]}: the share of each class in each clip
     * @param branches what {@link DropPath#draw} gave, {@code [depth, 2, B]}
     * @param features what {@link HeadDropout#draw} gave, {@code [B, D]}
     */
    Minibatch(int size, byte[] pixels, float[] targets, float[] branches, float[] features) {
        this.size = size;
        this.pixels = pixels;
        this.targets = targets;
        this.branches = branches;
        this.features = features;
    }

    int size() {
        return size;
    }

    byte[] pixels() {
        return pixels;
    }

    float[] targets() {
        return targets;
    }

    float[] branches() {
        return branches;
    }

    float[] features() {
        return features;
    }
}
