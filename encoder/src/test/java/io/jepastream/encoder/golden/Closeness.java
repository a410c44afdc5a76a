package io.jepastream.encoder.golden;

import ai.djl.ndarray.NDArray;
import io.jepastream.encoder.tensor.HostTensor;
import java.util.Arrays;

/** Compares tensors as the manifest means it: |a - b| &lt;= atol + rtol |b|. */
public final class Closeness {
    private Closeness() {}

    /** Fails with the worst element. */
    public static void requireClose(String name, NDArray got, HostTensor wanted, double atol, double rtol) {
        if (!Arrays.equals(wanted.shape(), got.getShape().getShape())) {
            throw new AssertionError("%s: want shape %s, got %s".formatted(name, wanted, got.getShape()));
        }
        requireClose(name, got.toFloatArray(), wanted.floats(), atol, rtol);
    }

    /** Fails with the worst element; prints the largest difference otherwise. */
    public static void requireClose(String name, float[] got, float[] wanted, double atol, double rtol) {
        if (got.length != wanted.length) {
            throw new AssertionError("%s: want %d values, got %d".formatted(name, wanted.length, got.length));
        }
        double worst = Double.NEGATIVE_INFINITY;
        double largest = 0;
        int at = 0;
        for (int i = 0; i < got.length; i++) {
            double difference = Math.abs(got[i] - wanted[i]);
            double over = difference - atol - rtol * Math.abs(wanted[i]);
            largest = Math.max(largest, difference);
            if (!(over <= worst)) {
                worst = over;
                at = i;
            }
        }
        if (!(worst <= 0)) {
            throw new AssertionError(
                    "%s: want %s at %d, got %s; largest difference %.3g, allowed %.3g + %.3g of the value"
                            .formatted(name, wanted[at], at, got[at], largest, atol, rtol));
        }
        System.out.printf("golden %-55s max difference %.2e%n", name, largest);
    }
}
