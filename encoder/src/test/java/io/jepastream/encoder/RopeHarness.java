package io.jepastream.encoder;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.jepastream.encoder.tensor.Kernel;
import java.util.Map;

/** The rotary kernel by itself. */
final class RopeHarness implements AutoCloseable {
    private static final String PLACES = """
            def harness(self, ids: Tensor, rows: Tensor, cols: Tensor, span: Tensor, omega: Tensor) -> List[Tensor]:
              return (self).places(ids, int(rows), int(cols), int(span), omega)
            """;

    private final NDManager scope;
    private final Kernel kernel;

    RopeHarness(NDManager scope) {
        this.scope = scope;
        this.kernel = Kernel.compileText(scope, Kernel.text("rope") + PLACES, Map.of());
    }

    /** Turns {@code x [B, h, N, d]} by {@code angle [B, 1, N, a]}. */
    NDArray rotate(NDArray x, NDArray angle) {
        return kernel.call(scope, "rotate", x, angle).singletonOrThrow();
    }

    /** Turns one slice by one position. */
    float[] rotate(Family family, float[] slice, float position) {
        float[] angle = Rope.omega(family, 3 * slice.length);
        for (int i = 0; i < angle.length; i++) {
            angle[i] *= position;
        }
        Shape one = new Shape(1, 1, 1, slice.length);
        return rotate(scope.create(slice, one), scope.create(angle, one)).toFloatArray();
    }

    /** Places of all tokens in grid order, {@code [N, 3]}: time, row, column. */
    NDArray places(int tubelets, int rows, int columns, int span) {
        NDArray ids =
                scope.arange(0, tubelets * rows * columns, 1, DataType.INT64).reshape(1, -1);
        NDArray one = scope.create(new float[] {1}); // with the one frequency 1 the angles are the places
        return kernel.call(scope, "harness", ids, rows, columns, span, one)
                .singletonOrThrow()
                .reshape(-1, 3);
    }

    @Override
    public void close() {
        kernel.close();
    }
}
