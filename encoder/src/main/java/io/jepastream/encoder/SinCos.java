package io.jepastream.encoder;

import java.util.Arrays;

/**
 * Fixed sin-cos position tables, computed in double and rounded once. Rows are tokens in (time, row, column) order,
 * columns the D channels.
 */
final class SinCos {
    private static final double CUBIC = -0.75; // the bicubic coefficient of the reference

    private SinCos() {}

    /** A token grid. */
    record Grid(int time, int height, int width) {
        int tokens() {
            return time * height * width;
        }
    }

    /** Code of one position: all sines, then all cosines; {@code dim} is even. */
    static double[] code(int dim, double position) {
        double[] out = new double[dim];
        int half = dim / 2;
        for (int i = 0; i < half; i++) {
            double angle = position * Math.pow(10_000, -i / (double) half);
            out[i] = Math.sin(angle);
            out[half + i] = Math.cos(angle);
        }
        return out;
    }

    /** {@code [N, dim]} for the clips, or images, that an encoder was built for. */
    static float[] table(EncoderConfig encoder, int dim, boolean uniformPower) {
        if (encoder.isImage()) {
            return table2d(dim, encoder.gridHeight(), encoder.gridWidth());
        }
        Grid grid = new Grid(encoder.gridTime(), encoder.gridHeight(), encoder.gridWidth());
        return table3d(dim, grid, uniformPower);
    }

    /** {@code [n, dim]}: positions 0 to n-1. */
    static float[] table1d(int dim, int n) {
        float[] table = new float[n * dim];
        for (int i = 0; i < n; i++) {
            put(table, i * dim, dim, code(dim, i));
        }
        return table;
    }

    /** {@code [h w, dim]}: half of the channels for the row, half for the column. */
    static float[] table2d(int dim, int height, int width) {
        float[] table = new float[height * width * dim];
        for (int i = 0; i < height * width; i++) {
            put(table, i * dim, dim, code(dim / 2, Math.floorDiv(i, width)), code(dim / 2, i % width));
        }
        return table;
    }

    /** {@code [t h w, dim]}; with uniform power the three codes are equally wide and the last channels cut off. */
    static float[] table3d(int dim, Grid grid, boolean uniformPower) {
        int time = uniformPower ? 2 * ((dim + 5) / 6) : dim / 2;
        int plane = uniformPower ? time : dim / 4;
        float[] table = new float[grid.tokens() * dim];
        for (int i = 0; i < grid.tokens(); i++) {
            int t = Math.floorDiv(i, grid.height() * grid.width());
            int row = Math.floorDiv(i, grid.width()) % grid.height();
            put(table, i * dim, dim, code(time, t), code(plane, row), code(plane, i % grid.width()));
        }
        return table;
    }

    private static void put(float[] table, int at, int dim, double[]... codes) {
        int channel = 0;
        for (double[] code : codes) {
            for (double value : code) {
                if (channel < dim) {
                    table[at + channel++] = (float) value;
                }
            }
        }
    }

    /** One output coordinate of a linear or cubic resize: source indices and their weights. */
    private static final class Taps {
        private final int[] index;
        private final double[] weight;

        Taps(int[] index, double[] weight) {
            this.index = index;
            this.weight = weight;
        }
    }

    private static Taps linear(int dst, double scale, int size) {
        double x = Math.max(0, (dst + 0.5) / scale - 0.5);
        int low = Math.min((int) x, size - 1);
        double part = x - low;
        return new Taps(new int[] {low, Math.min(low + 1, size - 1)}, new double[] {1 - part, part});
    }

    private static Taps cubic(int dst, double scale, int size) {
        double x = (dst + 0.5) / scale - 0.5;
        int low = (int) Math.floor(x);
        double part = x - low;
        int[] index = new int[4];
        Arrays.setAll(index, k -> Math.min(Math.max(low - 1 + k, 0), size - 1));
        double[] weight = {outer(1 + part), inner(part), inner(1 - part), outer(2 - part)};
        return new Taps(index, weight);
    }

    private static double inner(double x) {
        return ((CUBIC + 2) * x - (CUBIC + 3)) * x * x + 1;
    }

    private static double outer(double x) {
        return ((CUBIC * x - 5 * CUBIC) * x + 8 * CUBIC) * x - 4 * CUBIC;
    }

    /** Trilinear resize of a table, half-pixel centres, as V-JEPA 1 does for clips of another shape. */
    static float[] resize3d(float[] table, int dim, Grid from, Grid to) {
        return resize(
                table, dim, from, to, i -> linear(i, (double) to.time() / from.time(), from.time()), plane(from, to));
    }

    private static Axis[] plane(Grid from, Grid to) {
        return new Axis[] {
            i -> linear(i, (double) to.height() / from.height(), from.height()),
            i -> linear(i, (double) to.width() / from.width(), from.width())
        };
    }

    /** Bicubic resize of an image model's square table. */
    static float[] resize2d(float[] table, int dim, int from, int to) {
        double scale = Math.sqrt((double) (to * to) / (from * from));
        Axis axis = i -> cubic(i, scale, from);
        return resize(
                table, dim, new Grid(1, from, from), new Grid(1, to, to), i -> linear(i, 1, 1), new Axis[] {axis, axis
                });
    }

    private interface Axis {
        Taps at(int dst);
    }

    private static float[] resize(float[] table, int dim, Grid from, Grid to, Axis time, Axis[] plane) {
        float[] out = new float[to.tokens() * dim];
        double[] sum = new double[dim];
        for (int n = 0; n < to.tokens(); n++) {
            Taps t = time.at(n / (to.height() * to.width()));
            Taps y = plane[0].at(n / to.width() % to.height());
            Taps x = plane[1].at(n % to.width());
            Arrays.fill(sum, 0);
            for (int a = 0; a < t.index.length; a++) {
                for (int b = 0; b < y.index.length; b++) {
                    for (int c = 0; c < x.index.length; c++) {
                        int row = (t.index[a] * from.height() + y.index[b]) * from.width() + x.index[c];
                        add(sum, table, row * dim, t.weight[a] * y.weight[b] * x.weight[c]);
                    }
                }
            }
            for (int d = 0; d < dim; d++) {
                out[n * dim + d] = (float) sum[d];
            }
        }
        return out;
    }

    private static void add(double[] sum, float[] table, int at, double weight) {
        for (int d = 0; d < sum.length; d++) {
            sum[d] += weight * table[at + d];
        }
    }
}
