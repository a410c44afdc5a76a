package io.jepastream.trainer.augment;

import io.jepastream.encoder.EvalTransform;
import io.jepastream.trainer.data.RandomView;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Random erasing (arXiv:1708.04896) in pixel mode: now and then a rectangle of a clip, at the same place in all frames, is
 * filled with noise, drawn for every pixel of every frame.
 *
 * <p>The reference draws the noise from N(0, 1) after the mean and deviation were removed; here it is the same noise in
 * grey levels, rounded to whole ones and kept within 0 to 255, which is about two deviations.
 *
 * @param probability that a clip loses a rectangle, 0 to 1
 */
public record Erasing(double probability) {
    /** Leaves clips as they are. */
    public static final Erasing NONE = new Erasing(0);

    private static final int TRIES = 100;
    private static final double LEAST_AREA = 0.02;
    private static final double MOST_AREA = 1.0 / 3;
    private static final double LEAST_RATIO = 0.3;

    public Erasing {
        if (!(probability >= 0 && probability <= 1)) {
            throw new IllegalArgumentException("erase: want a probability of 0 to 1, got " + probability);
        }
    }

    /**
     * Draws a rectangle: 2 % to a third of the picture, 0.3 to 1 / 0.3 times as high as wide, smaller than the picture
     * both ways; none if a hundred tries find none.
     *
     * @param side of the picture, pixels
     */
    Optional<RandomView.Box> box(int side, RandomGenerator random) {
        for (int i = 0; i < TRIES; i++) {
            double area = (LEAST_AREA + (MOST_AREA - LEAST_AREA) * random.nextDouble()) * side * side;
            double ratio = Math.exp(Math.log(LEAST_RATIO) * (1 - 2 * random.nextDouble()));
            int height = (int) Math.rint(Math.sqrt(area * ratio));
            int width = (int) Math.rint(Math.sqrt(area / ratio));
            if (height > 0 && width > 0 && height < side && width < side) {
                int top = random.nextInt(side - height + 1);
                return Optional.of(new RandomView.Box(random.nextInt(side - width + 1), top, width, height));
            }
        }
        return Optional.empty();
    }

    /**
     * Maybe erases a rectangle of a clip.
     *
     * @param clip {@code [3, T, S, S]} uint8 from {@code offset} on
     * @param frames T
     * @param side S
     */
    public void apply(byte[] clip, int offset, int frames, int side, RandomGenerator random) {
        if (probability == 0 || random.nextDouble() >= probability) {
            return;
        }
        Optional<RandomView.Box> drawn = box(side, random);
        if (drawn.isEmpty()) {
            return;
        }
        RandomView.Box box = drawn.get();
        EvalTransform statistics = new EvalTransform(side);
        for (int plane = 0; plane < 3 * frames; plane++) {
            double mean = 255 * statistics.mean().get(plane / frames);
            double deviation = 255 * statistics.std().get(plane / frames);
            for (int y = box.top(); y < box.top() + box.height(); y++) {
                int at = offset + (plane * side + y) * side + box.left();
                for (int x = 0; x < box.width(); x++) {
                    long level = Math.round(mean + deviation * random.nextGaussian());
                    clip[at + x] = (byte) Math.max(0, Math.min(255, level));
                }
            }
        }
    }
}
