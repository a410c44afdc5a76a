package io.jepastream.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.jepastream.encoder.tensor.DeviceExecutor;
import io.jepastream.encoder.tensor.HostTensor;
import io.jepastream.encoder.tensor.Precision;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Switches and refusals of V-JEPA 2.1's predictor. */
final class DensePredictorTest {
    private static final EncoderConfig ENCODER = EncoderConfig.builder(Family.VJEPA21)
            .imgSize(64)
            .numFrames(4)
            .embedDim(24)
            .depth(12)
            .numHeads(2)
            .build();
    private static final DensePredictorConfig TRAINED = DensePredictorConfig.trained(4, 96);
    private static DeviceExecutor device;

    @BeforeAll
    static void startDevice() {
        device = new DeviceExecutor(Device.cpu(), 0);
    }

    @AfterAll
    static void stopDevice() {
        device.close();
    }

    private static PredictorConfig config(DensePredictorConfig dense) {
        return new PredictorConfig(24, 36, 4, 2, 2, 3, true, true, false, false, true, 1e-6, dense);
    }

    private static float[] gaussian(long seed, int n) {
        Random random = new Random(seed);
        float[] values = new float[n];
        for (int i = 0; i < n; i++) {
            values[i] = (float) (0.3 * random.nextGaussian());
        }
        return values;
    }

    private static Map<String, HostTensor> state(EncoderConfig encoder, PredictorConfig config) {
        Map<String, HostTensor> state = new LinkedHashMap<>();
        Predictor.shapes(encoder, config)
                .forEach((name, shape) -> state.put(
                        name, HostTensor.of(gaussian(name.hashCode(), (int) shape.size()), shape.getShape())));
        return state;
    }

    private static Predictor load(NDManager scope, DensePredictorConfig dense, Precision precision) {
        PredictorConfig config = config(dense);
        return Predictor.load(scope, ENCODER, config, precision, state(ENCODER, config));
    }

    /** Targets of 2 clips, 3 context tokens and 4 targets each, one row after another. */
    private static float[] predict(DensePredictorConfig dense, Precision precision, Modality modality, int maskIndex) {
        return device.call(scope -> {
            try (Predictor predictor = load(scope, dense, precision)) {
                int width = config(dense).inputDim();
                NDArray context = scope.create(gaussian(1, 6 * width), new Shape(2, 3, width));
                NDArray contextIds = scope.create(new long[] {9, 2, 31, 0, 1, 17}, new Shape(2, 3));
                NDArray targetIds = scope.create(new long[] {3, 8, 30, 11, 2, 5, 29, 16}, new Shape(2, 4));
                NDList both = predictor.predictBoth(scope, context, contextIds, targetIds, maskIndex, modality);
                assertThat(both.get(0).getShape()).isEqualTo(new Shape(2, 4, dense.outputDim()));
                assertThat(both.get(1).getShape()).isEqualTo(new Shape(2, 3, dense.outputDim()));
                if (modality == Modality.VIDEO) {
                    NDArray alone = predictor.predict(scope, context, contextIds, targetIds, maskIndex);
                    assertThat(alone.toFloatArray()).containsExactly(both.get(0).toFloatArray());
                }
                return both.get(0).toFloatArray();
            }
        });
    }

    private static double distance(float[] a, float[] b) {
        double difference = 0;
        double size = 0;
        for (int i = 0; i < a.length; i++) {
            difference += Math.pow(a[i] - b[i], 2);
            size += Math.pow(b[i], 2);
        }
        return Math.sqrt(difference / size);
    }

    @Test
    void everySwitch_changesTheNumbers() {
        float[] video = predict(TRAINED, Precision.FP32, Modality.VIDEO, 0);
        assertThat(distance(predict(TRAINED, Precision.FP32, Modality.IMAGE, 0), video))
                .isGreaterThan(1e-3);
        DensePredictorConfig hub = new DensePredictorConfig(4, 96, false, true, true);
        assertThat(distance(predict(hub, Precision.FP32, Modality.VIDEO, 0), video))
                .isGreaterThan(1e-3);
        DensePredictorConfig plain = new DensePredictorConfig(4, 96, true, false, true);
        float[] still = predict(plain, Precision.FP32, Modality.IMAGE, 0);
        assertThat(predict(plain, Precision.FP32, Modality.VIDEO, 0)).containsExactly(still);
    }

    @Test
    void maskIndex_countsModuloTheMaskTokens() {
        float[] first = predict(TRAINED, Precision.FP32, Modality.VIDEO, 0);
        assertThat(predict(TRAINED, Precision.FP32, Modality.VIDEO, 3)).containsExactly(first);
        assertThat(distance(predict(TRAINED, Precision.FP32, Modality.VIDEO, 1), first))
                .isGreaterThan(1e-3);
    }

    @Test
    void bf16_staysNearFp32() {
        for (DensePredictorConfig dense : new DensePredictorConfig[] {TRAINED, DensePredictorConfig.trained(1, 40)}) {
            float[] exact = predict(dense, Precision.FP32, Modality.IMAGE, 0);
            assertThat(distance(predict(dense, Precision.BF16, Modality.IMAGE, 0), exact))
                    .isCloseTo(0, within(4e-2));
        }
    }

    @Test
    void misuse_isRefused() {
        DensePredictorConfig targetsOnly = new DensePredictorConfig(1, 24, true, true, false);
        boolean done = device.call(scope -> {
            NDArray ids = scope.create(new long[] {0, 1}, new Shape(1, 2));
            NDArray other = scope.create(new long[] {2, 3}, new Shape(1, 2));
            try (Predictor both = load(scope, TRAINED, Precision.FP32);
                    Predictor targets = load(scope, targetsOnly, Precision.FP32)) {
                NDArray narrow = scope.zeros(new Shape(1, 2, 24));
                assertThatThrownBy(() -> both.predict(scope, narrow, ids, other, 0))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessage("context: want [B, K, 96], got (1, 2, 24)");
                assertThatThrownBy(() -> both.predictAll(scope, narrow, ids, other, 0))
                        .hasMessageContaining("want one projection for all tokens");
                assertThatThrownBy(() -> targets.predictBoth(scope, narrow, ids, other, 0, Modality.VIDEO))
                        .hasMessageContaining("with return_all_tokens for context tokens");
                assertThat(targets.predict(scope, narrow, ids, other, 0).getShape())
                        .isEqualTo(new Shape(1, 2, 24));
            }
            PredictorConfig older = config(DensePredictorConfig.NONE);
            assertThatThrownBy(() -> Predictor.load(scope, ENCODER, older, Precision.FP32, state(ENCODER, older)))
                    .hasMessageContaining("predictor: want one of vjepa2.1 as the encoder is, got");
            return true;
        });
        assertThat(done).isTrue();
    }
}
