package io.jepastream.trainer.data;

import io.jepastream.ingest.media.Picture;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * The random resized crop of the reference, and maybe a horizontal flip: a rectangle of random area, shape and place, the
 * same in all frames of a clip, resized to a square.
 *
 * <p>The resize is bilinear with half-pixel centres and no antialiasing, as the reference's. One thing differs: the
 * reference keeps fractions of grey levels, here they are rounded to whole ones.
 *
 * @param crop side S of the result, pixels
 * @param leastArea of the rectangle, part of the picture's, above 0
 * @param mostArea of the rectangle, part of the picture's, up to 1
 * @param leastRatio width over height, above 0
 * @param mostRatio width over height
 * @param flip whether every other clip is mirrored; not where left and right are classes
 */
public record RandomView(int crop, double leastArea, double mostArea, double leastRatio, double mostRatio, boolean flip)
        implements Augmentation {
    private static final int TRIES = 10;

    public RandomView {
        require(crop > 0 && crop <= 4096, "crop: want 1 to 4096 pixels, got " + crop);
        require(
                leastArea > 0 && leastArea <= mostArea && mostArea <= 1,
                "area: want 0 < least <= most <= 1, got %s and %s".formatted(leastArea, mostArea));
        require(
                leastRatio > 0 && leastRatio <= mostRatio && mostRatio < 1000,
                "ratio: want 0 < least <= most, got %s and %s".formatted(leastRatio, mostRatio));
    }

    private static void require(boolean good, String message) {
        if (!good) {
            throw new IllegalArgumentException(message);
        }
    }

    /** The ranges of pre-training: area 0.3 to 1, ratio 0.75 to 1.35. */
    public static RandomView of(int crop, boolean flip) {
        return new RandomView(crop, 0.3, 1, 0.75, 1.35, flip);
    }

    /**
     * A rectangle in a picture.
     *
     * @param left pixels from the picture's left
     * @param top pixels from the picture's top
     * @param width pixels
     * @param height pixels
     */
    public record Box(int left, int top, int width, int height) {}

    /**
     * Draws where to look: up to ten tries, then the largest centred rectangle of an allowed shape.
     *
     * @param width of the picture, pixels
     * @param height of the picture, pixels
     */
    public Box box(int width, int height, RandomGenerator random) {
        double area = (double) width * height;
        for (int i = 0; i < TRIES; i++) {
            double wanted = area * between(random, leastArea, mostArea);
            double ratio = Math.exp(between(random, Math.log(leastRatio), Math.log(mostRatio)));
            int w = (int) Math.rint(Math.sqrt(wanted * ratio));
            int h = (int) Math.rint(Math.sqrt(wanted / ratio));
            if (w > 0 && w <= width && h > 0 && h <= height) {
                int top = random.nextInt(height - h + 1);
                return new Box(random.nextInt(width - w + 1), top, w, h);
            }
        }
        double shape = (double) width / height;
        int w = shape > mostRatio ? (int) Math.rint(height * mostRatio) : width;
        int h = shape < leastRatio ? (int) Math.rint(width / leastRatio) : height;
        w = Math.max(1, Math.min(w, width));
        h = Math.max(1, Math.min(h, height));
        return new Box((width - w) / 2, (height - h) / 2, w, h);
    }

    private static double between(RandomGenerator random, double low, double high) {
        return low + (high - low) * random.nextDouble();
    }

    @Override
    public void apply(List<Picture> frames, RandomGenerator random, byte[] to, int offset) {
        Picture first = frames.get(0);
        Box box = box(first.width(), first.height(), random);
        boolean mirrored = flip && random.nextBoolean();
        Taps across = Taps.of(box.width(), crop, mirrored);
        Taps down = Taps.of(box.height(), crop, false);
        int plane = crop * crop;
        for (int t = 0; t < frames.size(); t++) {
            Picture frame = frames.get(t);
            require(
                    frame.width() == first.width() && frame.height() == first.height(),
                    "clip: want frames of one size, got %dx%d and %dx%d"
                            .formatted(first.width(), first.height(), frame.width(), frame.height()));
            boolean again = t > 0 && frame == frames.get(t - 1);
            for (int c = 0; c < 3; c++) {
                int at = offset + (c * frames.size() + t) * plane;
                if (again) {
                    System.arraycopy(to, at - plane, to, at, plane);
                } else {
                    int from = (c * frame.height() + box.top()) * frame.width() + box.left();
                    resize(frame.planes(), from, frame.width(), across, down, to, at);
                }
            }
        }
    }

    private void resize(byte[] from, int start, int stride, Taps across, Taps down, byte[] to, int offset) {
        float[] upper = new float[crop];
        float[] lower = new float[crop];
        int last = -1;
        for (int y = 0, at = offset; y < crop; y++) {
            int row = down.low[y];
            if (row != last) {
                row(from, start + row * stride, across, upper);
                row(from, start + down.high[y] * stride, across, lower);
                last = row;
            }
            float share = down.share[y];
            for (int x = 0; x < crop; x++) {
                to[at++] = (byte) (int) (upper[x] + (lower[x] - upper[x]) * share + 0.5f);
            }
        }
    }

    private static void row(byte[] from, int start, Taps taps, float[] to) {
        for (int x = 0; x < to.length; x++) {
            int a = from[start + taps.low[x]] & 0xFF;
            int b = from[start + taps.high[x]] & 0xFF;
            to[x] = a + (b - a) * taps.share[x];
        }
    }

    /** For each output pixel its two input pixels and the second one's share. */
    private static final class Taps {
        final int[] low;
        final int[] high;
        final float[] share;

        private Taps(int size) {
            low = new int[size];
            high = new int[size];
            share = new float[size];
        }

        static Taps of(int from, int to, boolean mirrored) {
            Taps taps = new Taps(to);
            float scale = (float) from / to;
            for (int i = 0; i < to; i++) {
                float at = Math.max(0, scale * (i + 0.5f) - 0.5f);
                int put = mirrored ? to - 1 - i : i;
                taps.low[put] = Math.min((int) at, from - 1);
                taps.high[put] = Math.min((int) at + 1, from - 1);
                taps.share[put] = at - (int) at;
            }
            return taps;
        }
    }
}
