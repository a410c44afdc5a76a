package io.jepastream.trainer.pretrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.types.Shape;
import io.jepastream.encoder.tensor.DeviceExecutor;
import io.jepastream.encoder.tensor.Kernel;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class CollapseTest {
    private static final int WIDTH = 64;

    /** Features that use {@code rank} directions equally. */
    private static Collapse measure(int rank, double size) {
        Random random = new Random(rank);
        float[] values = new float[4 * 256 * WIDTH];
        for (int token = 0; token < 4 * 256; token++) {
            for (int d = 0; d < WIDTH; d++) {
                values[token * WIDTH + d] = d < rank ? (float) (size * random.nextGaussian()) : 3;
            }
        }
        try (DeviceExecutor device = new DeviceExecutor(Device.cpu(), 1)) {
            return device.call(scope -> {
                try (Kernel kernel = Collapse.kernel(scope)) {
                    return Collapse.of(scope, kernel, scope.create(values, new Shape(4, 256, WIDTH)));
                }
            });
        }
    }

    @Test
    void rankIsTheNumberOfDirectionsInUse() {
        Collapse rich = measure(WIDTH, 1);
        assertThat(rich.effectiveRank()).isBetween(61.0, 64.0);
        assertThat(rich.spread()).isCloseTo(1, within(0.05));
        assertThat(rich.leastSpread()).isBetween(0.8, 1.0);
        assertThat(rich.isCollapsed(WIDTH)).isFalse();
        assertThat(measure(8, 1).effectiveRank()).isCloseTo(8, within(0.1));
        assertThat(measure(8, 1).leastSpread()).isZero();
    }

    /** Every token of a clip says the same: as rich as before over many clips, and of no use. */
    @Test
    void tokensThatSayTheSameOfTheirClip_areACollapse() {
        Random random = new Random(1);
        float[] values = new float[64 * 16 * WIDTH];
        for (int i = 0; i < values.length; i++) {
            values[i] = i / WIDTH % 16 == 0 ? (float) random.nextGaussian() : values[i - WIDTH];
        }
        try (DeviceExecutor device = new DeviceExecutor(Device.cpu(), 1)) {
            Collapse collapse = device.call(scope -> {
                try (Kernel kernel = Collapse.kernel(scope)) {
                    return Collapse.of(scope, kernel, scope.create(values, new Shape(64, 16, WIDTH)));
                }
            });
            assertThat(collapse.effectiveRank()).isGreaterThan(30);
            assertThat(collapse.clipSpread()).isCloseTo(0, within(1e-6));
            assertThat(collapse.isCollapsed(WIDTH)).isTrue();
        }
    }

    @Test
    void oneDirectionOrNoSpread_isACollapse() {
        assertThat(measure(1, 1).isCollapsed(WIDTH)).isTrue();
        assertThat(measure(WIDTH, 1e-4).isCollapsed(WIDTH)).isTrue();
        assertThat(measure(0, 0).effectiveRank()).isCloseTo(1, within(1e-6));
    }
}
