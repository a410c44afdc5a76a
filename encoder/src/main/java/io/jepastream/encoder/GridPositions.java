package io.jepastream.encoder;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.jepastream.encoder.SinCos.Grid;
import io.jepastream.encoder.tensor.HostTensor;
import java.util.Arrays;
import java.util.Map;

/**
 * The position table for the grid of a clip. V-JEPA 1 resizes the stored table for any other grid, V-JEPA 2 cuts it
 * where only the clip is shorter. The table of the last other grid is kept.
 */
final class GridPositions {
    private final NDManager owner;
    private final EncoderConfig config;
    private final float[] table;
    private final Grid built;
    private final NDArray builtArray;
    private Grid other;
    private NDArray otherArray;

    GridPositions(NDManager owner, EncoderConfig config, Map<String, HostTensor> state) {
        this.owner = owner;
        this.config = config;
        this.built = new Grid(config.gridTime(), config.gridHeight(), config.gridWidth());
        HostTensor stored = state.get("pos_embed");
        this.table = config.useRope() || stored == null ? new float[0] : stored.floats();
        this.builtArray = array(table);
        this.other = built;
        this.otherArray = builtArray;
    }

    /** {@code [1, N, D]} float32, owned by the encoder; of no elements with rotary positions. */
    NDArray of(NDArray clip) {
        Grid grid = grid(clip);
        if (config.useRope() || grid.equals(built)) {
            return builtArray;
        }
        if (!grid.equals(other)) {
            NDArray fresh = array(resized(grid));
            if (otherArray != builtArray) {
                otherArray.close();
            }
            other = grid;
            otherArray = fresh;
        }
        return otherArray;
    }

    Grid grid(NDArray clip) {
        Shape s = clip.getShape();
        boolean still = config.isImage() || (config.family() == Family.VJEPA21 && s.get(2) == 1);
        int tubelet = still ? 1 : config.tubeletSize();
        return new Grid(
                (int) s.get(2) / tubelet, (int) s.get(3) / config.patchSize(), (int) s.get(4) / config.patchSize());
    }

    private float[] resized(Grid grid) {
        int dim = config.embedDim();
        if (config.isImage()) {
            EncoderConfig.require(
                    grid.height() == grid.width() && built.height() == built.width(),
                    "image: want a square one, got a grid of %d x %d",
                    grid.height(),
                    grid.width());
            return SinCos.resize2d(table, dim, built.height(), grid.height());
        }
        boolean onlyShorter =
                grid.height() == built.height() && grid.width() == built.width() && grid.time() < built.time();
        if (config.family() == Family.VJEPA2 && onlyShorter) {
            return Arrays.copyOf(table, grid.tokens() * dim);
        }
        return SinCos.resize3d(table, dim, built, grid);
    }

    private NDArray array(float[] values) {
        return owner.create(values, new Shape(1, values.length / config.embedDim(), config.embedDim()));
    }
}
