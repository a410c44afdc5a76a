package io.jepastream.trainer.finetune;

import io.jepastream.trainer.data.RandomView;
import java.util.random.RandomGenerator;

/**
 * Mixup (arXiv:1710.09412) and CutMix (arXiv:1905.04899) of the clips of a batch, as timm's batch mode does it: clip i is
 * mixed with clip B - 1 - i, by one share for the whole batch. Where both are on, each is taken every other time. Labels
 * are mixed by the same share.
 *
 * @param mixup a of the Beta(a, a) that mixup's share is drawn from; 0: off
 * @param cutmix the same of CutMix
 */
public record Mixing(double mixup, double cutmix) {
    /** Leaves batches as they are. */
    public static final Mixing NONE = new Mixing(0, 0);

    private static final double SWITCH = 0.5; // timm's mixup_switch_prob in the recipe
    private static final double MOST = 1000;
    private static final RandomView.Box NOWHERE = new RandomView.Box(0, 0, 0, 0);

    /**
     * How a batch is mixed.
     *
     * @param own share that a clip has in what it becomes, 0 to 1
     * @param cut whether a box is exchanged, else every pixel is mixed
     * @param box where, with CutMix
     */
    record Drawn(double own, boolean cut, RandomView.Box box) {
        static final Drawn NOTHING = new Drawn(1, false, NOWHERE);
    }

    public Mixing {
        requireBeta("mixup", mixup);
        requireBeta("cutmix", cutmix);
    }

    private static void requireBeta(String name, double a) {
        if (!(a >= 0 && a <= MOST)) {
            throw new IllegalArgumentException("%s: want 0 to %.0f, got %s".formatted(name, MOST, a));
        }
    }

    /**
     * Draws how one batch is mixed.
     *
     * @param side of its pictures, pixels
     */
    Drawn draw(int side, RandomGenerator random) {
        if (mixup == 0 && cutmix == 0) {
            return Drawn.NOTHING;
        }
        boolean cut = mixup == 0 || (cutmix > 0 && random.nextDouble() < SWITCH);
        double own = beta(cut ? cutmix : mixup, random);
        if (!cut) {
            return new Drawn(own, false, NOWHERE);
        }
        RandomView.Box box = box(side, own, random);
        // The box may reach over the border: its real area counts.
        return new Drawn(1 - (double) box.width() * box.height() / ((double) side * side), true, box);
    }

    /** A square of {@code 1 - own} of the picture round a random pixel, as much of it as is in the picture. */
    static RandomView.Box box(int side, double own, RandomGenerator random) {
        int half = (int) (side * Math.sqrt(1 - own)) / 2;
        int y = random.nextInt(side);
        int x = random.nextInt(side);
        int top = Math.max(0, y - half);
        int left = Math.max(0, x - half);
        return new RandomView.Box(left, top, Math.min(side, x + half) - left, Math.min(side, y + half) - top);
    }

    /** A number from Beta(a, a), as a share of two from Gamma(a); in logarithms, since for a small a both may be tiny. */
    static double beta(double a, RandomGenerator random) {
        double own = logGamma(a, random);
        double other = logGamma(a, random);
        return 1 / (1 + Math.exp(other - own));
    }

    /** The logarithm of a number from Gamma(a) (Marsaglia and Tsang 2000, with their step for a below 1). */
    private static double logGamma(double a, RandomGenerator random) {
        if (a < 1) {
            return logGamma(a + 1, random) + Math.log(1 - random.nextDouble()) / a;
        }
        double d = a - 1.0 / 3;
        double c = 1 / Math.sqrt(9 * d);
        while (true) {
            double x = random.nextGaussian();
            double v = Math.pow(1 + c * x, 3);
            if (v > 0 && Math.log(1 - random.nextDouble()) < x * x / 2 + d - d * v + d * Math.log(v)) {
                return Math.log(d) + Math.log(v);
            }
        }
    }

    /**
     * Mixes the clips of a batch in place; grey levels are rounded to whole ones.
     *
     * @param pixels {@code [B, 3, T, S, S]} uint8
     * @param clips B
     * @param side S
     */
    static void mix(byte[] pixels, int clips, int side, Drawn drawn) {
        int length = pixels.length / clips;
        for (int i = 0; i < clips / 2; i++) {
            int a = i * length;
            int b = (clips - 1 - i) * length;
            if (drawn.cut()) {
                exchange(pixels, a, b, length / (side * side), side, drawn.box());
            } else {
                blend(pixels, a, b, length, (float) drawn.own());
            }
        }
    }

    private static void exchange(byte[] pixels, int a, int b, int planes, int side, RandomView.Box box) {
        byte[] row = new byte[box.width()];
        for (int plane = 0; plane < planes; plane++) {
            for (int y = box.top(); y < box.top() + box.height(); y++) {
                int at = (plane * side + y) * side + box.left();
                System.arraycopy(pixels, a + at, row, 0, row.length);
                System.arraycopy(pixels, b + at, pixels, a + at, row.length);
                System.arraycopy(row, 0, pixels, b + at, row.length);
            }
        }
    }

    private static void blend(byte[] pixels, int a, int b, int length, float own) {
        for (int i = 0; i < length; i++) {
            int first = pixels[a + i] & 0xFF;
            int second = pixels[b + i] & 0xFF;
            pixels[a + i] = (byte) (int) (second + own * (first - second) + 0.5f);
            pixels[b + i] = (byte) (int) (first + own * (second - first) + 0.5f);
        }
    }

    /**
     * What the clips of a mixed batch show.
     *
     * @param labels of the clips before they were mixed
     * @return {@code [B, C]} row by row, each row's sum 1
     */
    static float[] targets(int[] labels, int classes, double own) {
        float[] targets = new float[labels.length * classes];
        for (int i = 0; i < labels.length; i++) {
            targets[i * classes + labels[i]] += (float) own;
            targets[i * classes + labels[labels.length - 1 - i]] += (float) (1 - own);
        }
        return targets;
    }
}
