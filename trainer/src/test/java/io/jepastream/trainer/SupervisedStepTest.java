package io.jepastream.trainer;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import io.jepastream.encoder.EncoderConfig;
import io.jepastream.encoder.Family;
import io.jepastream.encoder.tensor.DeviceExecutor;
import io.jepastream.encoder.tensor.HostTensor;
import io.jepastream.encoder.tensor.Precision;
import io.jepastream.probeheads.ProbeConfig;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class SupervisedStepTest {
    private static final EncoderConfig ENCODER = EncoderConfig.builder(Family.VJEPA2)
            .imgSize(32)
            .numFrames(4)
            .embedDim(48)
            .depth(2)
            .numHeads(2)
            .build();
    private static final ProbeConfig HEAD = new ProbeConfig(ProbeConfig.Kind.ATTENTIVE_V2, 48, 2, 4, 1, 3, 1e-5);

    @ParameterizedTest
    @EnumSource(Precision.class)
    void fewSteps_learnTwoClips_andMoveEveryWeight(Precision precision) {
        byte[] pixels = new byte[2 * 3 * 4 * 32 * 32];
        new Random(1).nextBytes(pixels);
        ClipPool.Batch batch = new ClipPool.Batch(pixels, new long[] {0, 2});
        long[] all = {0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7};
        SupervisedStep.Hyper hyper = new SupervisedStep.Hyper(1e-3, 0.05, 1, 0, 0.5);
        try (DeviceExecutor device = new DeviceExecutor(Device.cpu(), 0)) {
            SupervisedStep model =
                    device.call(scope -> new SupervisedStep(device.root(), ENCODER, HEAD, precision, 5, Map.of()));
            Map<String, HostTensor> before = device.call(scope -> model.encoderWeights());
            double first =
                    device.call(scope -> model.step(scope, batch, all, hyper)).loss();
            double last = first;
            for (int i = 0; i < 30; i++) {
                last = device.call(scope -> model.step(scope, batch, all, hyper))
                        .loss();
            }
            assertThat(first).isBetween(0.5, 2.5);
            assertThat(last).isLessThan(first / 5);
            Map<String, HostTensor> after = device.call(scope -> model.encoderWeights());
            after.forEach((name, tensor) -> assertThat(before)
                    .hasEntrySatisfying(
                            name, old -> assertThat(tensor.floats()).as(name).isNotEqualTo(old.floats())));
        }
    }
}
