package io.jepastream.trainer.augment;

import java.util.Arrays;

/**
 * Operations that move pixels, as PIL defines them: every pixel of the result looks up its place in the picture, between
 * pixels by a cubic (a = -1) of four by four, and is grey where that lies outside. Planes are {@code [3, H, W]} uint8 and
 * stay as they are.
 *
 * @param xx part of x in the x that is looked up
 * @param xy part of y in it
 * @param xo constant part, pixels
 * @param yx part of x in the y that is looked up
 * @param yy part of y in it
 * @param yo constant part, pixels
 */
record Affine(double xx, double xy, double xo, double yx, double yy, double yo) {
    private static final byte FILL = (byte) 128;

    /** A turn about the picture's centre, counterclockwise. */
    static Affine rotation(double degrees, int width, int height) {
        double angle = -Math.toRadians(degrees);
        double cos = Math.cos(angle);
        double sin = Math.sin(angle);
        double x = width / 2.0;
        double y = height / 2.0;
        return new Affine(cos, sin, x - cos * x - sin * y, -sin, cos, y + sin * x - cos * y);
    }

    /** Rows slip along themselves, by {@code factor} of their distance from the top. */
    static Affine shearX(double factor) {
        return new Affine(1, factor, 0, 0, 1, 0);
    }

    /** Columns slip along themselves, by {@code factor} of their distance from the left. */
    static Affine shearY(double factor) {
        return new Affine(1, 0, 0, factor, 1, 0);
    }

    /** What is {@code x} to the right and {@code y} below comes here. */
    static Affine translation(double x, double y) {
        return new Affine(1, 0, x, 0, 1, y);
    }

    byte[] apply(byte[] planes, int width, int height) {
        byte[] to = new byte[planes.length];
        Arrays.fill(to, FILL);
        int plane = width * height;
        int[] columns = new int[4];
        int[] rows = new int[4];
        for (int at = 0; at < plane; at++) {
            int column = at % width;
            int row = at / width;
            double x = xx * (column + 0.5) + xy * (row + 0.5) + xo;
            double y = yx * (column + 0.5) + yy * (row + 0.5) + yo;
            if (x >= 0 && x < width && y >= 0 && y < height) {
                double across = taps(x - 0.5, width, columns);
                double down = taps(y - 0.5, height, rows);
                for (int channel = 0; channel < 3; channel++) {
                    to[channel * plane + at] = level(planes, channel * plane, width, columns, rows, across, down);
                }
            }
        }
        return to;
    }

    /** Finds the four pixels round a place, those beyond the border at it; returns how far it is from the second. */
    private static double taps(double place, int size, int[] taps) {
        int second = (int) Math.floor(place);
        for (int i = 0; i < 4; i++) {
            taps[i] = Math.max(0, Math.min(size - 1, second - 1 + i));
        }
        return place - second;
    }

    /** Fractions of a level are cut off, as PIL does. */
    private static byte level(
            byte[] planes, int start, int width, int[] columns, int[] rows, double across, double down) {
        double[] of = new double[4];
        for (int i = 0; i < 4; i++) {
            int row = start + rows[i] * width;
            of[i] = cubic(
                    planes[row + columns[0]] & 0xFF,
                    planes[row + columns[1]] & 0xFF,
                    planes[row + columns[2]] & 0xFF,
                    planes[row + columns[3]] & 0xFF,
                    across);
        }
        return (byte) (int) Math.max(0, Math.min(255, cubic(of[0], of[1], of[2], of[3], down)));
    }

    /** The cubic through b and c, of slopes c - a and d - b there: equal values give just that value. */
    private static double cubic(double a, double b, double c, double d, double share) {
        double slope = c - a;
        double bend = 2 * (a - b) + (c - d);
        double twist = (b - a) + (d - c);
        return b + share * (slope + share * (bend + share * twist));
    }
}
