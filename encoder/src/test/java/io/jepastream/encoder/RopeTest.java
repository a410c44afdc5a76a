package io.jepastream.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import io.jepastream.encoder.tensor.DeviceExecutor;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rotary positions of V-JEPA 2 and 2.1; spot values were taken from the reference. */
final class RopeTest {
    private static DeviceExecutor device;

    @BeforeAll
    static void startDevice() {
        device = new DeviceExecutor(Device.cpu(), 0);
    }

    @AfterAll
    static void stopDevice() {
        device.close();
    }

    private static float[] rotate(Family family, float[] slice, float position) {
        return device.call(scope -> {
            try (RopeHarness rope = new RopeHarness(scope)) {
                return rope.rotate(family, slice, position);
            }
        });
    }

    private static float[] places(int tubelets, int rows, int columns, int span) {
        return device.call(scope -> {
            try (RopeHarness rope = new RopeHarness(scope)) {
                NDArray places = rope.places(tubelets, rows, columns, span);
                return places.toFloatArray();
            }
        });
    }

    private static float[] upTo(int n) {
        float[] values = new float[n];
        for (int i = 0; i < n; i++) {
            values[i] = i + 1;
        }
        return values;
    }

    @Test
    void pairOfVersion21_sharesItsAngle() {
        assertThat(rotate(Family.VJEPA21, upTo(4), 2))
                .containsExactly(new float[] {-2.2347417f, 0.0770037f, 2.9194055f, 4.059196f}, within(2e-6f));
        assertThat(rotate(Family.VJEPA21, upTo(4), 75f / 23))
                .containsExactly(new float[] {-0.7549065f, -2.104784f, 2.8679936f, 4.095682f}, within(2e-6f));
        float[] ten = {
            -1.2722325f,
            -1.838865f,
            0.8362176f,
            4.929578f,
            4.5340986f,
            6.3593984f,
            6.9039574f,
            8.08303f,
            8.981055f,
            10.017017f
        };
        assertThat(rotate(Family.VJEPA21, upTo(10), 3)).containsExactly(ten, within(4e-6f));
    }

    @Test
    void pairOfVersion2_keepsItsTwoAngles() {
        assertThat(rotate(Family.VJEPA2, upTo(4), 2))
                .containsExactly(new float[] {-2.2347417f, 2.0195987f, -4.88563f, 4.059196f}, within(2e-6f));
    }

    /** Only a true rotation keeps lengths, and makes the product of two vectors depend on their distance alone. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void version21_isARotation(long seed) {
        Random random = new Random(seed);
        float[] q = gaussian(random, 20);
        float[] k = gaussian(random, 20);
        float at = random.nextInt(32);
        float shift = 1 + random.nextInt(31);
        double near = dot(rotate(Family.VJEPA21, q, at), rotate(Family.VJEPA21, k, at + 3));
        double far = dot(rotate(Family.VJEPA21, q, at + shift), rotate(Family.VJEPA21, k, at + shift + 3));
        assertThat(far).as("seed %d", seed).isCloseTo(near, within(1e-4));
        float[] turned = rotate(Family.VJEPA21, q, at);
        assertThat(dot(turned, turned)).as("seed %d", seed).isCloseTo(dot(q, q), within(1e-4));
        float[] skewed = rotate(Family.VJEPA2, q, at + 1);
        assertThat(Math.abs(dot(skewed, skewed) - dot(q, q)))
                .as("seed %d", seed)
                .isGreaterThan(1e-3);
    }

    private static float[] gaussian(Random random, int n) {
        float[] values = new float[n];
        for (int i = 0; i < n; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    private static double dot(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (double) a[i] * b[i];
        }
        return sum;
    }

    /** Against plain Java; the product comes before the division. */
    @ParameterizedTest
    @CsvSource({"2, 24, 24, 15", "3, 4, 7, 15", "1, 5, 3, 17", "2, 16, 16, 15", "2, 3, 4, 0"})
    void rowsAndColumns_areStretchedEachByItself(int tubelets, int rows, int columns, int span) {
        float[] wanted = new float[3 * tubelets * rows * columns];
        int at = 0;
        for (int t = 0; t < tubelets; t++) {
            for (int r = 0; r < rows; r++) {
                for (int c = 0; c < columns; c++) {
                    wanted[at++] = t;
                    wanted[at++] = span == 0 ? r : (float) r * span / (rows - 1);
                    wanted[at++] = span == 0 ? c : (float) c * span / (columns - 1);
                }
            }
        }
        assertThat(places(tubelets, rows, columns, span)).containsExactly(wanted);
    }

    @Test
    void singleRowOrColumn_staysAtZero() {
        assertThat(places(2, 1, 2, 15)).containsExactly(0, 0, 0, 0, 0, 15, 1, 0, 0, 1, 0, 15);
        assertThat(places(1, 2, 1, 15)).containsExactly(0, 0, 0, 0, 15, 0);
        assertThat(places(1, 1, 1, 15)).containsExactly(0, 0, 0);
    }

    @Test
    void span_isThatOfTheReleasedGrids() {
        assertThat(Rope.span(true, 16)).isEqualTo(15);
        assertThat(Rope.span(true, 14)).isEqualTo(17);
        assertThat(Rope.span(false, 8)).isZero();
        assertThatThrownBy(() -> Rope.span(true, 8))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("patch_size: want 14 or 16 with interpolate_rope, got 8");
    }
}
