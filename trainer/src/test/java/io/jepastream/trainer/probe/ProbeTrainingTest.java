package io.jepastream.trainer.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import io.jepastream.encoder.tensor.DeviceExecutor;
import io.jepastream.encoder.tensor.HostTensor;
import io.jepastream.probeheads.ProbeConfig;
import io.jepastream.probeheads.ProbeConfig.Kind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ProbeTrainingTest {
    private static DeviceExecutor device;

    @TempDir
    Path directory;

    @BeforeAll
    static void startDevice() {
        device = new DeviceExecutor(Device.cpu(), 1);
    }

    @AfterAll
    static void stopDevice() {
        device.close();
    }

    @ParameterizedTest
    @EnumSource
    void everyKindLearns_andTheSweepPicksTheRateThatDoes(Kind kind) throws IOException {
        List<Sample> train = samples("train", 12, 1, 1);
        List<Sample> heldOut = samples("held-out", 8, 3, 2);
        ProbeSettings settings = settings(kind, List.of(1e-7, 2e-2), 12, 0);

        ProbeTraining.Best best = new ProbeTraining(settings, device).run(train, heldOut, epoch -> {});

        assertThat(best.arm()).isEqualTo(new ProbeSettings.Arm(2e-2, 0.01));
        assertThat(best.standing().top1()).isGreaterThan(0.9);
        assertThat(best.standing().top5()).isEqualTo(1);
    }

    @Test
    void theSameRun_givesTheSameHead() throws IOException {
        List<Sample> train = samples("train", 6, 1, 1);
        List<Sample> heldOut = samples("held-out", 3, 1, 2);
        ProbeSettings settings = settings(Kind.ATTENTIVE_V2, List.of(3e-3), 3, 0);

        ProbeTraining.Best first = new ProbeTraining(settings, device).run(train, heldOut, epoch -> {});
        ProbeTraining.Best second = new ProbeTraining(settings, device).run(train, heldOut, epoch -> {});

        first.state()
                .forEach((name, tensor) -> assertThat(tensor.floats())
                        .as(name)
                        .isEqualTo(second.state().get(name).floats()));
    }

    @Test
    void withoutABetterHead_itStopsAfterItsPatience() throws IOException {
        List<Sample> train = samples("train", 4, 1, 1);
        // A rate this small moves no float: no epoch is better than the first.
        ProbeSettings settings = settings(Kind.MEAN, List.of(1e-30), 40, 3);
        List<ProbeTraining.Epoch> epochs = new ArrayList<>();

        ProbeTraining.Best best =
                new ProbeTraining(settings, device).run(train, samples("held-out", 2, 1, 2), epochs::add);

        assertThat(best.epoch()).isEqualTo(1);
        assertThat(epochs).extracting(ProbeTraining.Epoch::number).containsExactly(1, 2, 3, 4);
    }

    @Test
    void halvesAndBfloat16_trainAlmostAsFloatsDo() throws IOException {
        ProbeSettings settings = settings(Kind.ATTENTIVE_V1, List.of(3e-3), 4, 0);
        List<Double> losses = new ArrayList<>();
        List<UnaryOperator<HostTensor>> types = List.of(t -> t, HostTensor::toF16, HostTensor::toBf16);
        for (int i = 0; i < types.size(); i++) {
            List<Sample> train = Features.of(directory.resolve("t" + i), 3, 6, 1, 1, types.get(i));
            List<Sample> heldOut = Features.of(directory.resolve("h" + i), 3, 3, 2, 2, types.get(i));
            losses.add(new ProbeTraining(settings, device)
                    .run(train, heldOut, epoch -> {})
                    .standing()
                    .loss());
        }
        assertThat(losses.get(1)).isCloseTo(losses.get(0), within(1e-3)).isNotEqualTo(losses.get(0));
        assertThat(losses.get(2)).isCloseTo(losses.get(0), within(1e-2)).isNotEqualTo(losses.get(0));
    }

    @Test
    void rareClasses_countMore_whenBalanced() throws IOException {
        List<Sample> samples = samples("train", 4, 1, 1);
        List<Sample> uneven = new ArrayList<>(samples.subList(0, 3));
        samples.stream().filter(sample -> sample.label() == 0).forEach(uneven::add);

        assertThat(ProbeSettings.balanced(uneven, 4)).containsExactly(7 / (4 * 5.0), 7 / 4.0, 7 / 4.0, 1.0);
        assertThat(ProbeSettings.balanced(samples, 3)).containsExactly(1.0, 1.0, 1.0);
    }

    @Test
    void ratesFallToNothing_decaysAsTheGenerationSays() {
        ProbeSettings first = settings(Kind.ATTENTIVE_V1, List.of(1e-3), 4, 0);
        ProbeSettings.Told told = first.told(first.arms().get(0), 10);
        assertThat(told.at(5).learningRate()).isCloseTo(5e-4, within(1e-12));
        assertThat(told.at(10).learningRate()).isZero();
        assertThat(told.at(10).weightDecay()).isCloseTo(1e-6, within(1e-15));

        ProbeSettings second = settings(Kind.ATTENTIVE_V2, List.of(1e-3), 4, 0);
        assertThat(second.told(second.arms().get(0), 10).at(10).weightDecay()).isEqualTo(0.01);
        assertThat(second.rule(List.of()).decayAll()).isTrue();
        assertThat(second.rule(List.of()).clip()).isZero();
        assertThat(first.rule(List.of()).clip()).isEqualTo(1);
    }

    @Test
    void lowShot_runsEveryShareOverAllSeeds() throws IOException {
        List<Sample> train = samples("train", 10, 1, 1);
        List<String> runs = new ArrayList<>();
        ProbeTraining.Best best =
                new ProbeTraining(settings(Kind.MEAN, List.of(1e-2), 1, 0), device).run(train, train, epoch -> {});

        List<LowShot.Row> rows = LowShot.run(
                train,
                List.of(0.1, 1.0),
                2,
                7,
                (samples, seed) -> {
                    runs.add(samples.size() + " by " + seed);
                    return best;
                },
                row -> {});

        assertThat(runs).containsExactly("3 by 7", "3 by 8", "30 by 7", "30 by 8");
        assertThat(rows).extracting(LowShot.Row::videos).containsExactly(3, 30);
        LowShot.Row spread = new LowShot.Row(0.5, 4, List.of(0.2, 0.4, 0.6), best);
        assertThat(spread.mean()).isCloseTo(0.4, within(1e-9));
        assertThat(spread.deviation()).isCloseTo(0.2, within(1e-9));
        assertThat(spread).hasToString(" 50.0 % of the labels, 4 videos: top-1 40.0 % +- 20.0 of 3 runs");
    }

    private List<Sample> samples(String name, int each, int outputs, long seed) throws IOException {
        return Features.of(directory.resolve(name), 3, each, outputs, seed, tensor -> tensor);
    }

    private static ProbeSettings settings(Kind kind, List<Double> rates, int epochs, int patience) {
        ProbeConfig probe = new ProbeConfig(kind, Features.D, 2, 2, kind == Kind.MEAN ? 1 : 2, 3, 1e-5);
        return new ProbeSettings(probe, rates, List.of(0.01), epochs, 5, 0, patience, 0, false, 3);
    }
}
