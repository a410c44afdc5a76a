package io.jepastream.trainer.finetune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.types.Shape;
import io.jepastream.encoder.EncoderConfig;
import io.jepastream.encoder.Family;
import io.jepastream.encoder.tensor.DeviceExecutor;
import io.jepastream.encoder.tensor.HostTensor;
import io.jepastream.encoder.tensor.Precision;
import io.jepastream.probeheads.ProbeConfig;
import io.jepastream.trainer.pretrain.InitialWeights;
import io.jepastream.trainer.probe.ProbeWeights;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class FineTuneStepTest {
    private static final int D = 24;
    private static final double RATE = 1e-3;

    private static EncoderConfig encoder(Family family) {
        return EncoderConfig.builder(family)
                .imgSize(32)
                .patchSize(16)
                .numFrames(4)
                .embedDim(D)
                .depth(family == Family.VJEPA21 ? 12 : 3)
                .numHeads(2)
                .build();
    }

    private static ProbeConfig head(ProbeConfig.Kind kind) {
        return new ProbeConfig(kind, D, 2, 4, 1, 3, 1e-5);
    }

    private static FineTuneStep step(
            DeviceExecutor device, EncoderConfig encoder, ProbeConfig head, Precision precision, double dropRate) {
        return step(
                device,
                encoder,
                head,
                precision,
                dropRate,
                FineTuneStep.State.fresh(new FineTuneStep.Weights(
                        InitialWeights.encoder(encoder, new Random(4)), ProbeWeights.draw(head, 7))));
    }

    private static FineTuneStep step(
            DeviceExecutor device,
            EncoderConfig encoder,
            ProbeConfig head,
            Precision precision,
            double dropRate,
            FineTuneStep.State start) {
        return device.call(scope -> new FineTuneStep(
                device.root().newSubManager(),
                encoder,
                head,
                precision,
                new LayerDecay(0.5, encoder.depth()),
                new DropPath(dropRate, encoder.depth()),
                start));
    }

    /** The two clips, of classes 0 and 2, not mixed, with no feature left out. */
    private static Minibatch batch(float[] keep) {
        return batch(keep, Mixing.targets(new int[] {0, 2}, 3, 1));
    }

    private static Minibatch batch(float[] keep, float[] targets) {
        return new Minibatch(2, clips(), targets, keep, new HeadDropout(0).draw(2 * D, new SplittableRandom(1)));
    }

    private static byte[] clips() {
        byte[] pixels = new byte[2 * 3 * 4 * 32 * 32];
        new Random(1).nextBytes(pixels);
        return pixels;
    }

    @ParameterizedTest
    @CsvSource({
        "patch_embed.proj.weight, 0.0625",
        "blocks.0.attn.qkv.bias,  0.125",
        "blocks.2.mlp.fc2.weight, 0.5",
        "norm.weight,             1",
        "norms_block.3.bias,      1",
        "video_mod_embed,         0.0625",
    })
    void ratesFall_fromTheHeadDown(String name, double scale) {
        assertThat(new LayerDecay(0.5, 3).scale(name)).isEqualTo(scale);
    }

    @Test
    void biasesAndNorms_doNotDecay() {
        assertThat(LayerDecay.decays("blocks.0.attn.qkv.weight", new Shape(9, 3)))
                .isTrue();
        assertThat(LayerDecay.decays("blocks.0.norm1.weight", new Shape(3))).isFalse();
        assertThat(LayerDecay.decays("linear.bias", new Shape(3))).isFalse();
        assertThatThrownBy(() -> new LayerDecay(0, 3)).hasMessageContaining("layer-decay: want above 0");
    }

    @Test
    void branchesAreDropped_asOftenAsTheirDepthSays_andTheirMeanStays() {
        DropPath dropPath = new DropPath(0.4, 5);
        int batch = 20_000;
        float[] keep = dropPath.draw(batch, new SplittableRandom(3));
        assertThat(keep).hasSize(5 * 2 * batch).isEqualTo(dropPath.draw(batch, new SplittableRandom(3)));
        for (int row = 0; row < 10; row++) {
            int block = row / 2;
            double rate = 0.1 * block;
            int dropped = 0;
            double sum = 0;
            for (float value : Arrays.copyOfRange(keep, row * batch, (row + 1) * batch)) {
                dropped += value == 0 ? 1 : 0;
                sum += value;
            }
            assertThat(dropped / (double) batch).as("row %d", row).isCloseTo(rate, within(0.015));
            assertThat(sum / batch).as("row %d", row).isCloseTo(1, within(0.025));
        }
        assertThatThrownBy(() -> new DropPath(1, 2)).hasMessageContaining("drop-path: want 0 to below 1");
    }

    /** AdamW's first step moves every weight by its rate, whatever the gradient's size. */
    @Test
    void firstStep_movesEachLayerByItsOwnRate() {
        EncoderConfig encoder = encoder(Family.VJEPA1);
        try (DeviceExecutor device = new DeviceExecutor(Device.cpu(), 1)) {
            FineTuneStep step = step(device, encoder, head(ProbeConfig.Kind.MEAN), Precision.FP32, 0);
            FineTuneStep.Weights before = device.call(scope -> step.weights());
            float[] keep = new DropPath(0, 3).draw(2, new SplittableRandom(1));
            device.call(scope -> step.step(scope, batch(keep), new FineTuneStep.Hyper(RATE, 0, 0.1)));
            FineTuneStep.Weights after = device.call(scope -> step.weights());
            LayerDecay decay = new LayerDecay(0.5, 3);
            before.encoder()
                    .forEach(
                            (name, old) -> assertThat(moved(old, after.encoder().get(name)))
                                    .as(name)
                                    .isCloseTo(name.equals("pos_embed") ? 0 : RATE * decay.scale(name), within(1e-5)));
            before.head()
                    .forEach((name, old) -> assertThat(moved(old, after.head().get(name)))
                            .as(name)
                            .isCloseTo(RATE, within(1e-5)));
            device.call(scope -> {
                step.close();
                return true;
            });
        }
    }

    /** The most that a weight of a tensor moved. */
    private static double moved(HostTensor before, HostTensor after) {
        float[] old = before.floats();
        float[] now = after.floats();
        double most = 0;
        for (int i = 0; i < old.length; i++) {
            most = Math.max(most, Math.abs(now[i] - old[i]));
        }
        return most;
    }

    @Test
    void whatIsDropped_doesNotLearn() {
        EncoderConfig encoder = encoder(Family.VJEPA2);
        try (DeviceExecutor device = new DeviceExecutor(Device.cpu(), 1)) {
            FineTuneStep step = step(device, encoder, head(ProbeConfig.Kind.MEAN), Precision.FP32, 0.5);
            float[] keep = new float[3 * 2 * 2];
            Arrays.fill(keep, 1);
            Arrays.fill(keep, 4, 8, 0); // both branches of the middle block, of both clips
            FineTuneStep.Weights before = device.call(scope -> step.weights());
            device.call(scope -> step.step(scope, batch(keep), new FineTuneStep.Hyper(RATE, 0, 0)));
            FineTuneStep.Weights after = device.call(scope -> step.weights());
            before.encoder().forEach((name, old) -> {
                double most = moved(old, after.encoder().get(name));
                if (name.startsWith("blocks.1.")) {
                    assertThat(most).as(name).isZero();
                } else {
                    assertThat(most).as(name).isPositive();
                }
            });
            device.call(scope -> {
                step.close();
                return true;
            });
        }
    }

    @ParameterizedTest
    @EnumSource(Precision.class)
    void twoClips_areLearntInAFewSteps(Precision precision) {
        learns(encoder(Family.VJEPA2), head(ProbeConfig.Kind.MEAN), precision);
    }

    @Test
    void attentiveHeads_andV21_learnToo() {
        learns(encoder(Family.VJEPA1), head(ProbeConfig.Kind.ATTENTIVE_V1), Precision.FP32);
        learns(encoder(Family.VJEPA21), head(ProbeConfig.Kind.ATTENTIVE_V2), Precision.FP32);
    }

    private static void learns(EncoderConfig encoder, ProbeConfig head, Precision precision) {
        try (DeviceExecutor device = new DeviceExecutor(Device.cpu(), 1)) {
            FineTuneStep step = step(device, encoder, head, precision, 0.1);
            DropPath dropPath = new DropPath(0.1, encoder.depth());
            SplittableRandom random = new SplittableRandom(2);
            FineTuneStep.Hyper hyper = new FineTuneStep.Hyper(3e-3, 0.05, 0);
            double last = Double.NaN;
            for (int i = 0; i < 40; i++) {
                float[] keep = dropPath.draw(2, random);
                last = device.call(scope -> step.step(scope, batch(keep), hyper))
                        .loss();
            }
            assertThat(last).isLessThan(0.3);
            float[] scores = device.call(scope -> step.scores(scope, clips(), 2));
            assertThat(scores[0]).isGreaterThan(Math.max(scores[1], scores[2]));
            assertThat(scores[5]).isGreaterThan(Math.max(scores[3], scores[4]));
            device.call(scope -> {
                step.close();
                return true;
            });
        }
    }

    private static float[] all() {
        return new DropPath(0, 3).draw(2, new SplittableRandom(1));
    }

    /** Probabilities of the classes of one clip, from the logits of both. */
    private static double[] softmax(float[] logits, int clip) {
        double[] p = new double[3];
        double sum = 0;
        for (int c = 0; c < 3; c++) {
            p[c] = Math.exp(logits[3 * clip + c]);
            sum += p[c];
        }
        for (int c = 0; c < 3; c++) {
            p[c] /= sum;
        }
        return p;
    }

    /**
     * Loss: the mean of minus the sum of target times log probability, targets smoothed. Gradient of the last bias: the
     * mean of probability minus target; a first moment holds a tenth of it after one step.
     */
    @ParameterizedTest
    @CsvSource({"1, 0", "1, 0.1", "0.7, 0", "0.7, 0.1"})
    void lossAndGradient_ofMixedTargets_areThoseByHand(double own, double smoothing) {
        try (DeviceExecutor device = new DeviceExecutor(Device.cpu(), 1)) {
            FineTuneStep step = step(device, encoder(Family.VJEPA2), head(ProbeConfig.Kind.MEAN), Precision.FP32, 0);
            float[] logits = device.call(scope -> step.scores(scope, clips(), 2));
            float[] targets = Mixing.targets(new int[] {0, 2}, 3, own);
            FineTuneStep.Outcome outcome = device.call(
                    scope -> step.step(scope, batch(all(), targets), new FineTuneStep.Hyper(RATE, 0, smoothing)));
            double loss = 0;
            double[] gradient = new double[3];
            for (int clip = 0; clip < 2; clip++) {
                double[] p = softmax(logits, clip);
                for (int c = 0; c < 3; c++) {
                    double wanted = (c == 2 * clip ? own : c == 1 ? 0 : 1 - own) * (1 - smoothing) + smoothing / 3;
                    loss -= wanted * Math.log(p[c]) / 2;
                    gradient[c] += (p[c] - wanted) / 2;
                }
            }
            assertThat(outcome.loss()).isCloseTo(loss, within(1e-5));
            float[] moment = device.call(scope -> step.state())
                    .optimiser()
                    .get("head/linear.bias/exp_avg")
                    .floats();
            for (int c = 0; c < 3; c++) {
                assertThat((double) moment[c]).isCloseTo(0.1 * gradient[c], within(1e-6));
            }
            device.call(scope -> {
                step.close();
                return true;
            });
        }
    }

    /** The class scores of a clip without features are the last bias; features left out of all clips do not learn. */
    @ParameterizedTest
    @EnumSource(
            value = ProbeConfig.Kind.class,
            names = {"MEAN", "ATTENTIVE_V2"})
    void droppedFeatures_countNothing(ProbeConfig.Kind kind) {
        try (DeviceExecutor device = new DeviceExecutor(Device.cpu(), 1)) {
            FineTuneStep step = step(device, encoder(Family.VJEPA2), head(kind), Precision.FP32, 0);
            float[] features = new float[2 * D];
            FineTuneStep.Weights before = device.call(scope -> step.weights());
            float[] targets = Mixing.targets(new int[] {0, 2}, 3, 1);
            FineTuneStep.Hyper hyper = new FineTuneStep.Hyper(RATE, 0, 0);
            FineTuneStep.Outcome outcome =
                    device.call(scope -> step.step(scope, new Minibatch(2, clips(), targets, all(), features), hyper));
            float[] bias = before.head().get("linear.bias").floats();
            float[] twice = {bias[0], bias[1], bias[2]};
            double[] p = softmax(twice, 0);
            assertThat(outcome.loss()).isCloseTo(-(Math.log(p[0]) + Math.log(p[2])) / 2, within(1e-5));
            FineTuneStep.Weights after = device.call(scope -> step.weights());
            assertThat(moved(before.head().get("linear.weight"), after.head().get("linear.weight")))
                    .isZero();
            assertThat(moved(before.head().get("linear.bias"), after.head().get("linear.bias")))
                    .isPositive();
            Arrays.fill(features, 0, D, 2); // all of the first clip, twice
            FineTuneStep.Outcome half =
                    device.call(scope -> step.step(scope, new Minibatch(2, clips(), targets, all(), features), hyper));
            assertThat(half.loss()).isNotCloseTo(outcome.loss(), within(1e-4));
            assertThat(moved(
                            after.head().get("linear.weight"),
                            device.call(scope -> step.weights()).head().get("linear.weight")))
                    .isPositive();
            device.call(scope -> {
                step.close();
                return true;
            });
        }
    }

    @Test
    void aStateReadAndTakenOver_goesOnToTheSameBits() {
        EncoderConfig encoder = encoder(Family.VJEPA1);
        try (DeviceExecutor device = new DeviceExecutor(Device.cpu(), 1)) {
            ProbeConfig head = head(ProbeConfig.Kind.ATTENTIVE_V1);
            FineTuneStep through = step(device, encoder, head, Precision.FP32, 0);
            FineTuneStep.Hyper hyper = new FineTuneStep.Hyper(RATE, 0.05, 0.1);
            device.call(scope -> through.step(scope, batch(all()), hyper));
            device.call(scope -> through.step(scope, batch(all()), hyper));
            FineTuneStep.State middle = device.call(scope -> through.state());
            device.call(scope -> through.step(scope, batch(all()), hyper));
            FineTuneStep anew = step(device, encoder, head, Precision.FP32, 0, middle);
            device.call(scope -> anew.step(scope, batch(all()), hyper));
            FineTuneStep.State one = device.call(scope -> through.state());
            FineTuneStep.State other = device.call(scope -> anew.state());
            same(one.weights().encoder(), other.weights().encoder());
            same(one.weights().head(), other.weights().head());
            same(one.optimiser(), other.optimiser());
            assertThat(one.optimiser().get("head/linear.bias/step").floats()).containsExactly(3);
            device.call(scope -> {
                through.close();
                anew.close();
                return true;
            });
        }
    }

    private static void same(Map<String, HostTensor> one, Map<String, HostTensor> other) {
        assertThat(one.keySet()).isEqualTo(other.keySet());
        one.forEach((name, tensor) ->
                assertThat(tensor.floats()).as(name).isEqualTo(other.get(name).floats()));
    }

    @Test
    void aMissingTensor_isNamed() {
        EncoderConfig encoder = encoder(Family.VJEPA2);
        try (DeviceExecutor device = new DeviceExecutor(Device.cpu(), 1)) {
            FineTuneStep.Weights none = new FineTuneStep.Weights(Map.of(), Map.of());
            FineTuneStep.State nothing = FineTuneStep.State.fresh(none);
            assertThatThrownBy(() -> device.call(scope -> new FineTuneStep(
                            device.root().newSubManager(),
                            encoder,
                            head(ProbeConfig.Kind.MEAN),
                            Precision.FP32,
                            new LayerDecay(1, 3),
                            new DropPath(0, 3),
                            nothing)))
                    .hasMessageContaining("fine-tuning: tensor 'patch_embed.proj.weight': want shape");
        }
    }
}
