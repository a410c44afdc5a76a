package io.jepastream.encoder;

import java.util.ArrayList;
import java.util.List;

/**
 * The evaluation preprocessing of the V-JEPA reference: bilinear resize of the short side, then a square crop. The
 * arithmetic is OpenCV's for bytes (half-pixel centres, no antialiasing, 11-bit fixed-point weights), because the
 * published numbers were made with it; pictures are planar RGB {@code [3, H, W]}.
 *
 * @param crop side S of the crop in pixels
 */
public record EvalTransform(int crop) {
    /** Names these rules in bundles and on every embedding. */
    public static final String VERSION = "vjepa-eval/1";

    public EvalTransform {
        EncoderConfig.require(crop > 0, "crop: want positive, got %d", crop);
    }

    /** Short side before the centre crop: 256 / 224 of the crop. */
    public int shortSide() {
        return crop * 256 / 224;
    }

    /** Mean of each channel of pictures in 0..1, taken off after the crop. */
    public List<Double> mean() {
        return List.of(exact(Normalisation.mean(0)), exact(Normalisation.mean(1)), exact(Normalisation.mean(2)));
    }

    /** Deviation of each channel, divided by. */
    public List<Double> std() {
        return List.of(exact(Normalisation.std(0)), exact(Normalisation.std(1)), exact(Normalisation.std(2)));
    }

    /** The double that prints as the float does: 0.485, not 0.48500001430511475. */
    private static double exact(float value) {
        return Double.parseDouble(Float.toString(value));
    }

    /** The centre view {@code [3, S, S]}. */
    public byte[] view(byte[] rgb, int width, int height) {
        Scaled scaled = Scaled.of(rgb, width, height, shortSide());
        return scaled.window(middle(scaled.width()), middle(scaled.height()), crop);
    }

    /**
     * Equally spaced views along the longer side; the short side becomes the crop itself.
     *
     * @param count at least 2
     */
    public List<byte[]> views(byte[] rgb, int width, int height, int count) {
        EncoderConfig.require(count > 1, "views: want at least 2, got %d", count);
        Scaled scaled = Scaled.of(rgb, width, height, crop);
        int step = (Math.max(scaled.width(), scaled.height()) - crop) / (count - 1);
        List<byte[]> views = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            boolean tall = scaled.height() > scaled.width();
            views.add(scaled.window(tall ? 0 : i * step, tall ? i * step : 0, crop));
        }
        return views;
    }

    private int middle(int side) {
        // Halves to even, as in the reference; the Hugging Face processor cuts and is a pixel off for some odd
        // differences.
        return (int) Math.rint((side - crop) / 2.0);
    }

    /** A picture seen at another size; only windows of it are ever computed. */
    static final class Scaled {
        private static final int ONE = 2048;

        private final byte[] rgb;
        private final int fromWidth;
        private final int fromHeight;
        private final int width;
        private final int height;

        private Scaled(byte[] rgb, int fromWidth, int fromHeight, int width, int height) {
            this.rgb = rgb;
            this.fromWidth = fromWidth;
            this.fromHeight = fromHeight;
            this.width = width;
            this.height = height;
        }

        static Scaled of(byte[] rgb, int width, int height, int shortSide) {
            EncoderConfig.require(
                    width > 0 && height > 0 && rgb.length == 3L * width * height,
                    "picture: want 3 x %d x %d bytes, got %d",
                    height,
                    width,
                    rgb.length);
            if (width < height) {
                return new Scaled(rgb, width, height, shortSide, (int) ((double) shortSide * height / width));
            }
            return new Scaled(rgb, width, height, (int) ((double) shortSide * width / height), shortSide);
        }

        int width() {
            return width;
        }

        int height() {
            return height;
        }

        /** {@code [3, side, side]} from (left, top) on. */
        byte[] window(int left, int top, int side) {
            return window(left, top, side, side);
        }

        byte[] window(int left, int top, int columns, int rows) {
            byte[] out = new byte[3 * rows * columns];
            boolean same = width == fromWidth && height == fromHeight;
            for (int c = 0; c < 3; c++) {
                int plane = c * fromWidth * fromHeight;
                if (same) {
                    for (int y = 0; y < rows; y++) {
                        int from = plane + (top + y) * fromWidth + left;
                        System.arraycopy(rgb, from, out, (c * rows + y) * columns, columns);
                    }
                } else {
                    resizePlane(plane, left, top, columns, rows, out, c * rows * columns);
                }
            }
            return out;
        }

        private void resizePlane(int plane, int left, int top, int columns, int rows, byte[] out, int at) {
            int[] low = new int[columns];
            float[] share = new float[columns];
            horizontalTaps(left, low, share);
            int[] upper = new int[columns];
            int[] lower = new int[columns];
            int last = Integer.MIN_VALUE;
            for (int y = 0; y < rows; y++) {
                float f = (float) ((top + y + 0.5) * ((double) fromHeight / height) - 0.5);
                int row = (int) Math.floor(f);
                float down = f - row;
                int above = weight(1 - down);
                int below = weight(down);
                if (row != last) {
                    across(plane + clip(row) * fromWidth, low, share, upper);
                    across(plane + clip(row + 1) * fromWidth, low, share, lower);
                    last = row;
                }
                for (int x = 0; x < columns; x++) {
                    // OpenCV's two-step rounding; it comes out low in about one pixel of eight.
                    int sum = ((above * (upper[x] >> 4)) >> 16) + ((below * (lower[x] >> 4)) >> 16);
                    out[at + y * columns + x] = (byte) ((sum + 2) >> 2);
                }
            }
        }

        private static int weight(float share) {
            return (int) Math.rint(share * ONE);
        }

        private int clip(int row) {
            return Math.min(Math.max(row, 0), fromHeight - 1);
        }

        private void horizontalTaps(int left, int[] low, float[] share) {
            for (int x = 0; x < low.length; x++) {
                float f = (float) ((left + x + 0.5) * ((double) fromWidth / width) - 0.5);
                int column = (int) Math.floor(f);
                boolean inside = column >= 0 && column < fromWidth - 1;
                low[x] = Math.min(Math.max(column, 0), fromWidth - 1);
                share[x] = inside ? f - column : 0;
            }
        }

        private void across(int row, int[] low, float[] share, int[] out) {
            for (int x = 0; x < out.length; x++) {
                int a = rgb[row + low[x]] & 0xFF;
                int b = share[x] == 0 ? 0 : rgb[row + low[x] + 1] & 0xFF;
                out[x] = a * weight(1 - share[x]) + b * weight(share[x]);
            }
        }
    }
}
