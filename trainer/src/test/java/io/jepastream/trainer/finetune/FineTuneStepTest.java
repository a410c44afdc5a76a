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
        FineTuneStep.Weights start =
                new FineTuneStep.Weights(InitialWeights.encoder(encoder, new Random(4)), ProbeWeights.draw(head, 7));
        return device.call(scope -> new FineTuneStep(
                device.root().newSubManager(),
                encoder,
                head,
                precision,
                new LayerDecay(0.5, encoder.depth()),
                new DropPath(dropRate, encoder.depth()),
                start));
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
            device.call(
                    scope -> step.step(scope, clips(), new long[] {0, 2}, keep, new FineTuneStep.Hyper(RATE, 0, 0.1)));
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
            device.call(
                    scope -> step.step(scope, clips(), new long[] {0, 2}, keep, new FineTuneStep.Hyper(RATE, 0, 0)));
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
                last = device.call(scope -> step.step(scope, clips(), new long[] {0, 2}, keep, hyper))
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

    @Test
    void aMissingTensor_isNamed() {
        EncoderConfig encoder = encoder(Family.VJEPA2);
        try (DeviceExecutor device = new DeviceExecutor(Device.cpu(), 1)) {
            FineTuneStep.Weights none = new FineTuneStep.Weights(Map.of(), Map.of());
            assertThatThrownBy(() -> device.call(scope -> new FineTuneStep(
                            device.root().newSubManager(),
                            encoder,
                            head(ProbeConfig.Kind.MEAN),
                            Precision.FP32,
                            new LayerDecay(1, 3),
                            new DropPath(0, 3),
                            none)))
                    .hasMessageContaining("fine-tuning: tensor 'patch_embed.proj.weight': want shape");
        }
    }
}
