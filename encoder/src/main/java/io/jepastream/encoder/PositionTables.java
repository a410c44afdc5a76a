package io.jepastream.encoder;

import io.jepastream.encoder.tensor.HostTensor;

/**
 * How far the position tables of a checkpoint are from the fixed sin-cos ones that they started as. The moving average
 * runs over them too and its rounding moves them, by some 1e-5 in a released run: so a checkpoint's own table is used and
 * never computed again.
 */
public final class PositionTables {
    private PositionTables() {}

    /**
     * Largest absolute difference from the analytic table.
     *
     * @param table {@code [1, N, dim]}, of the encoder or of the predictor
     * @throws IllegalArgumentException if it is not a table for the encoder's clips
     */
    public static double drift(HostTensor table, EncoderConfig encoder, boolean uniformPower) {
        long[] shape = table.shape();
        EncoderConfig.require(
                shape.length == 3 && shape[1] == encoder.tokens() && !encoder.isImage(),
                "position table: want [1, %d, width], got %s",
                encoder.tokens(),
                table);
        SinCos.Grid grid = new SinCos.Grid(encoder.gridTime(), encoder.gridHeight(), encoder.gridWidth());
        float[] analytic = SinCos.table3d((int) shape[2], grid, uniformPower);
        float[] stored = table.floats();
        double most = 0;
        for (int i = 0; i < stored.length; i++) {
            most = Math.max(most, Math.abs(stored[i] - analytic[i]));
        }
        return most;
    }
}
