package io.jepastream.encoder.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Map;

/** How fast a device multiplies matrices: the ceiling of every model on it. Lives on the thread of its device. */
public final class MatrixProducts implements AutoCloseable {
    private static final double LEAST_SECONDS = 0.3;
    private static final double NANOS = 1e9;

    private final Kernel kernel;

    /**
     * A product of a linear layer.
     *
     * @param rows of the input
     * @param in columns of the input
     * @param out columns of the output
     */
    public record Size(long rows, long in, long out) {
        double flops() {
            return 2.0 * rows * in * out;
        }
    }

    /** Compiles the kernel; its owner's device is measured. */
    public MatrixProducts(NDManager owner, Precision precision) {
        kernel = Kernel.compile(owner, List.of("products"), Map.of("bf16", precision == Precision.BF16));
    }

    /**
     * Floating-point operations a second of the fastest of these products, each repeated for a third of a second after one
     * call that is not counted.
     */
    public double peak(NDManager scope, List<Size> sizes) {
        return sizes.stream().mapToDouble(size -> rate(scope, size)).max().orElseThrow();
    }

    private double rate(NDManager scope, Size size) {
        try (NDManager own = scope.newSubManager()) {
            NDArray x = own.randomNormal(0, 1, new Shape(size.rows(), size.in()), DataType.FLOAT32);
            NDArray w = own.randomNormal(0, 1, new Shape(size.out(), size.in()), DataType.FLOAT32);
            NDArray b = own.zeros(new Shape(size.out()));
            double base = seconds(own, x, w, b, 0);
            int times = 1;
            double spent = seconds(own, x, w, b, times) - base;
            while (spent < LEAST_SECONDS) {
                times = (int) Math.min(1 << 20, 1 + 1.2 * times * LEAST_SECONDS / Math.max(spent, LEAST_SECONDS / 20));
                base = seconds(own, x, w, b, 0);
                spent = seconds(own, x, w, b, times) - base;
            }
            return size.flops() * times / spent;
        }
    }

    /** Of a call that makes one product more than {@code times}. */
    private double seconds(NDManager scope, NDArray x, NDArray w, NDArray b, int times) {
        long start = System.nanoTime();
        try (NDManager own = scope.newSubManager()) {
            kernel.call(own, "products", x, w, b, times).singletonOrThrow().getFloat(); // waits for the device
        }
        return (System.nanoTime() - start) / NANOS;
    }

    /** Frees the kernel. */
    @Override
    public void close() {
        kernel.close();
    }
}
