package io.jepastream.trainer.augment;

import java.util.Arrays;

/**
 * A picture mixed with a poorer version of itself, as PIL's enhancers do it: a factor of 0 gives the poorer one, 1 the
 * picture, more than 1 goes beyond it. Planes are {@code [3, H, W]} uint8 and stay as they are.
 */
final class Blend {
    private static final int SMOOTH_SUM = 13; // of the kernel: eight ones round a five

    private Blend() {}

    /** Poorer in colour: grey. */
    static byte[] color(byte[] planes, double factor) {
        byte[] grey = grey(planes);
        int plane = grey.length;
        byte[] poor = new byte[planes.length];
        for (int channel = 0; channel < 3; channel++) {
            System.arraycopy(grey, 0, poor, channel * plane, plane);
        }
        return blend(poor, planes, factor);
    }

    /** Poorer in contrast: the mean grey everywhere. */
    static byte[] contrast(byte[] planes, double factor) {
        byte[] grey = grey(planes);
        long sum = 0;
        for (byte level : grey) {
            sum += level & 0xFF;
        }
        byte[] poor = new byte[planes.length];
        Arrays.fill(poor, (byte) (int) ((double) sum / grey.length + 0.5));
        return blend(poor, planes, factor);
    }

    /** Poorer in light: black. */
    static byte[] brightness(byte[] planes, double factor) {
        return blend(new byte[planes.length], planes, factor);
    }

    /** Poorer in detail: smoothed, all but the pixels at the border. */
    static byte[] sharpness(byte[] planes, int width, int height, double factor) {
        byte[] poor = planes.clone();
        for (int channel = 0; channel < 3; channel++) {
            for (int y = 1; y < height - 1; y++) {
                for (int x = 1; x < width - 1; x++) {
                    int at = (channel * height + y) * width + x;
                    poor[at] = smooth(planes, at, width);
                }
            }
        }
        return blend(poor, planes, factor);
    }

    private static byte smooth(byte[] planes, int at, int width) {
        int sum = 4 * (planes[at] & 0xFF);
        for (int row = at - width; row <= at + width; row += width) {
            sum += (planes[row - 1] & 0xFF) + (planes[row] & 0xFF) + (planes[row + 1] & 0xFF);
        }
        return (byte) ((2 * sum + SMOOTH_SUM) / (2 * SMOOTH_SUM));
    }

    /** Lightness by ITU-R 601-2, in 16 bits after the point: {@code [H, W]}. */
    private static byte[] grey(byte[] planes) {
        int plane = planes.length / 3;
        byte[] grey = new byte[plane];
        for (int i = 0; i < plane; i++) {
            int r = planes[i] & 0xFF;
            int g = planes[plane + i] & 0xFF;
            int b = planes[2 * plane + i] & 0xFF;
            grey[i] = (byte) ((19595 * r + 38470 * g + 7471 * b + 0x8000) >> 16);
        }
        return grey;
    }

    /** Fractions of a level are cut off, as PIL does. */
    private static byte[] blend(byte[] poor, byte[] rich, double factor) {
        float share = (float) factor;
        byte[] to = new byte[rich.length];
        for (int i = 0; i < to.length; i++) {
            int from = poor[i] & 0xFF;
            float level = from + share * ((rich[i] & 0xFF) - from);
            to[i] = (byte) (int) Math.max(0, Math.min(255, level));
        }
        return to;
    }
}
