package io.jepastream.trainer.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.jepastream.encoder.tensor.DeviceExecutor;
import io.jepastream.encoder.tensor.HostTensor;
import io.jepastream.probeheads.ProbeConfig;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ProbeStepTest {
    private static final ProbeConfig MEAN = new ProbeConfig(ProbeConfig.Kind.MEAN, 4, 2, 4, 1, 3, 1e-5);
    private static final int[] LABELS = {2, 0};

    private static DeviceExecutor device;

    @BeforeAll
    static void startDevice() {
        device = new DeviceExecutor(Device.cpu(), 1);
    }

    @AfterAll
    static void stopDevice() {
        device.close();
    }

    @Test
    void decayShrinksMatrices_andBiasesOnlyWhereAllDecays() {
        for (boolean all : new boolean[] {false, true}) {
            with(new ProbeStep.Rule(0, all, 0, List.of(1.0, 0.0, 0.0)), (scope, step) -> {
                float[] before = step.state(0).get("linear.bias").floats();
                // Tokens of 0: the matrix has no gradient, the bias has one.
                step.step(scope, tokens(scope, 0), new int[] {0, 0}, List.of(new ProbeStep.Hyper(0, 0.5)));
                assertThat(step.state(0).get("linear.bias").floats()).isEqualTo(before);
                step.step(scope, tokens(scope, 0), new int[] {0, 0}, List.of(new ProbeStep.Hyper(1e-1, 0.5)));
                float[] weight = step.state(0).get("linear.weight").floats();
                float[] first = ProbeWeights.draw(MEAN, 1).get("linear.weight").floats();
                for (int i = 0; i < weight.length; i++) {
                    assertThat(weight[i]).isCloseTo(first[i] * 0.95f, within(1e-6f));
                }
                float[] after = step.state(0).get("linear.bias").floats();
                for (int i = 0; i < after.length; i++) {
                    float kept = before[i] * (all ? 0.95f : 1);
                    assertThat(Math.abs(after[i] - kept)).isCloseTo(0.1f, within(1e-3f)); // Adam's step is the rate
                }
            });
        }
    }

    @Test
    void aGradientThatIsNoNumber_movesNothing() {
        with(new ProbeStep.Rule(1, false, 0, List.of(1.0, 1.0, 1.0)), (scope, step) -> {
            List<ProbeStep.Outcome> outcome =
                    step.step(scope, tokens(scope, Float.NaN), LABELS, List.of(new ProbeStep.Hyper(0.1, 0.1)));
            assertThat(outcome.get(0).gradient()).isNaN();
            assertThat(step.state(0).get("linear.weight").floats())
                    .isEqualTo(ProbeWeights.draw(MEAN, 1).get("linear.weight").floats());
        });
    }

    @Test
    void lossOfUnevenClasses_isTheirWeightedMean_withSmoothing() {
        double smoothing = 0.2;
        List<Double> weights = List.of(0.5, 1.0, 3.0);
        with(new ProbeStep.Rule(0, false, smoothing, weights), (scope, step) -> {
            NDArray tokens = random(scope);
            float[] logits = step.logits(scope, 0, tokens).toFloatArray();
            double sum = 0;
            double smooth = 0;
            double weight = 0;
            for (int row = 0; row < 2; row++) {
                double total = 0;
                for (int c = 0; c < 3; c++) {
                    total += Math.exp(logits[row * 3 + c]);
                }
                for (int c = 0; c < 3; c++) {
                    smooth -= weights.get(c) * (logits[row * 3 + c] - Math.log(total));
                }
                double own = weights.get(LABELS[row]);
                sum -= own * (logits[row * 3 + LABELS[row]] - Math.log(total));
                weight += own;
            }
            double wanted = (1 - smoothing) * sum / weight + smoothing / 3 * smooth / weight;
            double got = step.step(scope, tokens, LABELS, List.of(new ProbeStep.Hyper(0, 0)))
                    .get(0)
                    .loss();
            assertThat(got).isCloseTo(wanted, within(1e-5));
        });
    }

    @Test
    void headsKeepTheirOwnState() {
        Map<String, HostTensor> first = ProbeWeights.draw(MEAN, 1);
        device.call(scope -> {
            ProbeStep.Rule rule = new ProbeStep.Rule(0, true, 0, List.of(1.0, 1.0, 1.0));
            try (ProbeStep step = new ProbeStep(device.root().newSubManager(), MEAN, rule, List.of(first, first))) {
                NDArray tokens = random(scope);
                step.step(scope, tokens, LABELS, List.of(new ProbeStep.Hyper(0, 0), new ProbeStep.Hyper(0.1, 0)));
                assertThat(step.state(0).get("linear.bias").floats())
                        .isEqualTo(first.get("linear.bias").floats());
                assertThat(step.state(1).get("linear.bias").floats())
                        .isNotEqualTo(first.get("linear.bias").floats());
            }
            return true;
        });
    }

    @Test
    void whatDoesNotFit_isSaidByName() {
        ProbeStep.Rule rule = new ProbeStep.Rule(0, true, 0, List.of(1.0, 1.0, 1.0));
        with(rule, (scope, step) -> {
            List<ProbeStep.Hyper> hypers = List.of(new ProbeStep.Hyper(0, 0));
            NDArray tokens = random(scope);
            assertThatThrownBy(() -> step.step(scope, tokens, new int[] {1}, hypers))
                    .hasMessage("labels: want 2, one per row, got 1");
            assertThatThrownBy(() -> step.step(scope, tokens, new int[] {1, 3}, hypers))
                    .hasMessage("labels: want 0..2, got 3");
            assertThatThrownBy(() -> step.step(scope, tokens, LABELS, List.of()))
                    .hasMessage("probe: want 1 rates and decays, got 0");
            assertThatThrownBy(() -> step.logits(scope, 0, scope.create(new Shape(2, 4))))
                    .hasMessage("tokens: want [B, N, 4], got (2, 4)");
        });
        assertThatThrownBy(() -> with(new ProbeStep.Rule(0, true, 0, List.of(1.0)), (scope, step) -> {}))
                .hasMessage("probe: want a head and 3 class weights, got 1 and 1");
    }

    private static void with(ProbeStep.Rule rule, BiConsumer<NDManager, ProbeStep> work) {
        device.call(scope -> {
            List<Map<String, HostTensor>> heads = List.of(ProbeWeights.draw(MEAN, 1));
            try (ProbeStep step = new ProbeStep(device.root().newSubManager(), MEAN, rule, heads)) {
                work.accept(scope, step);
            }
            return true;
        });
    }

    private static NDArray tokens(NDManager scope, float value) {
        float[] values = new float[2 * 5 * 4];
        Arrays.fill(values, value);
        return scope.create(values, new Shape(2, 5, 4));
    }

    private static NDArray random(NDManager scope) {
        SplittableRandom random = new SplittableRandom(4);
        float[] values = new float[2 * 5 * 4];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return scope.create(values, new Shape(2, 5, 4));
    }
}
