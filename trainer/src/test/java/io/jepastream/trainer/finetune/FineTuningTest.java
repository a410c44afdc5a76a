package io.jepastream.trainer.finetune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import io.jepastream.encoder.EncoderConfig;
import io.jepastream.encoder.Family;
import io.jepastream.encoder.tensor.DeviceExecutor;
import io.jepastream.encoder.tensor.HostTensor;
import io.jepastream.encoder.tensor.Precision;
import io.jepastream.ingest.media.Picture;
import io.jepastream.ingest.media.VideoWriter;
import io.jepastream.probeheads.ProbeConfig;
import io.jepastream.trainer.augment.Erasing;
import io.jepastream.trainer.augment.RandAugment;
import io.jepastream.trainer.augment.TrainingView;
import io.jepastream.trainer.data.RandomView;
import io.jepastream.trainer.data.VideoSet;
import io.jepastream.trainer.eval.ClassNames;
import io.jepastream.trainer.pretrain.InitialWeights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole runs of the recipe with everything on, on a handful of tiny videos. */
final class FineTuningTest {
    private static final EncoderConfig ENCODER = EncoderConfig.builder(Family.VJEPA2)
            .imgSize(32)
            .patchSize(16)
            .numFrames(4)
            .embedDim(24)
            .depth(2)
            .numHeads(2)
            .build();
    private static final ProbeConfig HEAD = new ProbeConfig(ProbeConfig.Kind.MEAN, 24, 2, 4, 1, 2, 1e-5);

    @TempDir
    private static Path videos;

    @TempDir
    private Path run;

    @BeforeAll
    static void film() throws IOException {
        for (int i = 0; i < 7; i++) {
            Path file = videos.resolve(i % 2 == 0 ? "dark" : "light").resolve(i + ".mp4");
            Files.createDirectories(file.getParent());
            VideoWriter.Settings settings = new VideoWriter.Settings("mpeg4", 10, 1_000_000, 12);
            try (VideoWriter writer = VideoWriter.open(file, settings, 64, 48)) {
                SplittableRandom random = new SplittableRandom(i);
                for (int frame = 0; frame < 6; frame++) {
                    byte[] planes = new byte[3 * 64 * 48];
                    for (int at = 0; at < planes.length; at++) {
                        planes[at] = (byte) (random.nextInt(100) + (i % 2 == 0 ? 0 : 150));
                    }
                    writer.write(new Picture(64, 48, planes));
                }
                writer.finish();
            }
        }
    }

    private static FineTuneSettings settings(int epochs, long seed) {
        return new FineTuneSettings(
                epochs,
                0.5,
                4,
                1e-3,
                0.75,
                0.05,
                new FineTuneSettings.Regularisation(0.2, new HeadDropout(0.5), 0.1, new Mixing(0.8, 1)),
                new FineTuneSettings.Clips(
                        new TrainingView(RandomView.of(32, false), RandAugment.named("m7-n4"), new Erasing(0.25)),
                        1,
                        2),
                Precision.FP32,
                seed);
    }

    private static FineTuning.Sets sets() throws IOException {
        List<VideoSet.Video> all = VideoSet.of(videos).videos();
        List<VideoSet.Video> train = new ArrayList<>(all);
        List<VideoSet.Video> heldOut = List.of(train.remove(0), train.remove(5));
        return new FineTuning.Sets(
                new VideoSet(train), new VideoSet(heldOut), new ClassNames(List.of("dark", "light")));
    }

    private static Map<String, HostTensor> start() {
        return InitialWeights.encoder(ENCODER, new Random(4));
    }

    private static FineTuning.Result run(FineTuneSettings settings, FineTuning.Stops stops, List<FineTuning.Epoch> told)
            throws Exception {
        try (DeviceExecutor device = new DeviceExecutor(Device.cpu(), 1)) {
            return new FineTuning(settings, ENCODER, HEAD, device).run(start(), sets(), stops, told::add);
        }
    }

    private FineTuning.Stops stops(String folder, int until) {
        return new FineTuning.Stops(run.resolve(folder), "digest", until);
    }

    private static void same(FineTuneStep.Weights one, FineTuneStep.Weights other) {
        one.encoder()
                .forEach((name, tensor) -> assertThat(tensor.floats())
                        .as(name)
                        .isEqualTo(other.encoder().get(name).floats()));
        one.head()
                .forEach((name, tensor) -> assertThat(tensor.floats())
                        .as(name)
                        .isEqualTo(other.head().get(name).floats()));
    }

    private static void alike(FineTuning.Epoch one, FineTuning.Epoch other) {
        assertThat(one.number()).isEqualTo(other.number());
        assertThat(one.loss()).isEqualTo(other.loss());
        assertThat(one.top1()).isEqualTo(other.top1());
    }

    /** Whatever the best epoch is: the last one's weights are in the checkpoint, which is read as the next call's. */
    @Test
    void threeEpochsWithStops_areThreeEpochs_toTheBit() throws Exception {
        List<FineTuning.Epoch> through = new ArrayList<>();
        List<FineTuning.Epoch> stopped = new ArrayList<>();
        FineTuning.Result whole = run(settings(3, 1), stops("whole", 3), through);
        for (int until = 1; until <= 3; until++) {
            assertThat(run(settings(3, 1), stops("parts", until), stopped)
                            .last()
                            .number())
                    .isEqualTo(until);
        }
        FineTuning.Result again = run(settings(3, 1), stops("parts", 3), stopped);
        assertThat(stopped).hasSize(3);
        for (int i = 0; i < 3; i++) {
            alike(stopped.get(i), through.get(i));
        }
        alike(again.best(), whole.best());
        alike(again.last(), whole.last());
        same(again.weights(), whole.weights());
        Map<String, String> began = Map.of();
        FineTuneCheckpoints.Saved one =
                new FineTuneCheckpoints(run.resolve("whole"), began).latest().orElseThrow();
        FineTuneCheckpoints.Saved other =
                new FineTuneCheckpoints(run.resolve("parts"), began).latest().orElseThrow();
        same(one.state().weights(), other.state().weights());
        one.state()
                .optimiser()
                .forEach((name, tensor) -> assertThat(tensor.floats())
                        .as(name)
                        .isEqualTo(other.state().optimiser().get(name).floats()));
        assertThat(one.state().optimiser()).isNotEmpty();
    }

    @Test
    void aRunThatBreaksOff_losesTheEpochInHandAlone() throws Exception {
        List<FineTuning.Epoch> told = new ArrayList<>();
        try (DeviceExecutor device = new DeviceExecutor(Device.cpu(), 1)) {
            FineTuning tuning = new FineTuning(settings(2, 1), ENCODER, HEAD, device);
            assertThatThrownBy(() -> tuning.run(start(), sets(), stops("run", 2), epoch -> {
                        throw new IllegalStateException("pulled the plug");
                    }))
                    .hasMessage("pulled the plug");
        }
        run(settings(2, 1), stops("run", 2), told);
        assertThat(told).singleElement().extracting(FineTuning.Epoch::number).isEqualTo(2);
    }

    @Test
    void otherSettings_orOtherData_areRefused_byName() throws Exception {
        run(settings(2, 1), stops("run", 1), new ArrayList<>());
        assertThatThrownBy(() -> run(settings(3, 2), stops("run", 3), new ArrayList<>()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("want the settings that the run began with, got others: epochs=3, not 2")
                .hasMessageContaining("seed=2, not 1");
        assertThatThrownBy(() ->
                        run(settings(2, 1), new FineTuning.Stops(run.resolve("run"), "another", 2), new ArrayList<>()))
                .hasMessageContaining("model=another, not digest");
        assertThat(FineTuning.hasCheckpoint(run.resolve("run"))).isTrue();
        FineTuning.removeCheckpoints(run.resolve("run"));
        assertThat(FineTuning.hasCheckpoint(run.resolve("run"))).isFalse();
        assertThatThrownBy(() -> stops("run", 0)).hasMessageContaining("stop-after: want 1 or more, got 0");
    }

    @Test
    void bestWeights_comeBackFromACheckpoint_alsoWhenALaterEpochWasWorse() throws Exception {
        FineTuneStep.Weights best = new FineTuneStep.Weights(
                Map.of("w", HostTensor.of(new float[] {1}, 1)), Map.of("b", HostTensor.of(new float[] {2}, 1)));
        FineTuneStep.Weights last = new FineTuneStep.Weights(
                Map.of("w", HostTensor.of(new float[] {3}, 1)), Map.of("b", HostTensor.of(new float[] {4}, 1)));
        FineTuning.Epoch first = new FineTuning.Epoch(1, 0.1 + 0.2, 2.0 / 3, 5);
        FineTuning.Epoch second = new FineTuning.Epoch(2, 0.25, 1.0 / 3, 5);
        FineTuneCheckpoints checkpoints = new FineTuneCheckpoints(run, Map.of("seed", "1"));
        checkpoints.write(
                new FineTuneStep.State(last, Map.of("head/b/step", HostTensor.of(new float[] {9}, 1))),
                new FineTuning.Result(best, first, second));
        FineTuneCheckpoints.Saved saved = checkpoints.latest().orElseThrow();
        same(saved.result().weights(), best);
        same(saved.state().weights(), last);
        assertThat(saved.result().best()).isEqualTo(first);
        assertThat(saved.result().last()).isEqualTo(second);
        assertThat(saved.state().optimiser().get("head/b/step").floats()).containsExactly(9);
    }

    @Test
    void anotherSeed_givesOtherWeights() throws Exception {
        FineTuning.Result one = run(settings(1, 1), stops("one", 1), new ArrayList<>());
        FineTuning.Result other = run(settings(1, 2), stops("other", 1), new ArrayList<>());
        assertThat(one.last().loss()).isNotEqualTo(other.last().loss());
    }
}
