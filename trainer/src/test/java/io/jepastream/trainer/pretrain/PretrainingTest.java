package io.jepastream.trainer.pretrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import com.fasterxml.jackson.databind.JsonNode;
import io.jepastream.encoder.ModelBundle;
import io.jepastream.encoder.tensor.DeviceExecutor;
import io.jepastream.encoder.tensor.HostTensor;
import io.jepastream.trainer.data.Clips;
import io.jepastream.trainer.mask.TorchRandom;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class PretrainingTest {
    private static final String TINY = """
            model: {embed_dim: 24, depth: %d, num_heads: 2, img_size: 32, patch_size: %d, num_frames: 4}
            predictor: {embed_dim: 24, depth: 4, num_heads: 2}
            data: {batch_size: 2, accumulate: %d}
            mask:
              - {num_blocks: 2, spatial_scale: [0.3, 0.3]}
              - {num_blocks: 1, spatial_scale: [0.5, 0.5]}
            optimization: {ipe: 5, epochs: %d, warmup: 0.4, lr: 2.0e-3, clip_grad: 1.0, ema: [0.9, 1.0]}
            run: {precision: fp32, checkpoint_every: 5, collapse_every: 3}
            """;

    private static DeviceExecutor device;

    @TempDir
    private Path directory;

    @BeforeAll
    static void startDevice() {
        device = new DeviceExecutor(Device.cpu(), 1);
    }

    @AfterAll
    static void stopDevice() {
        device.close();
    }

    private static Recipe tiny(String recipe, int accumulate, int epochs, String more) throws IOException {
        boolean dense = recipe.equals("vjepa2.1");
        String text =
                "recipe: " + recipe + "\n" + TINY.formatted(dense ? 12 : 2, dense ? 16 : 8, accumulate, epochs) + more;
        return new Recipe(PretrainConfig.parse("tiny", text));
    }

    /** A bright bar that moves over a few backgrounds: something to learn. */
    private static ClipBatches bars(long first) {
        long[] number = {first};
        return () -> {
            Random random = new Random(number[0]++);
            byte[] pixels = new byte[2 * 3 * 4 * 32 * 32];
            for (int b = 0; b < 2; b++) {
                int start = random.nextInt(24);
                int ground = random.nextInt(60);
                for (int i = 0; i < 3 * 4 * 32 * 32; i++) {
                    int x = i % 32;
                    int t = i / (32 * 32) % 4;
                    boolean bar = Math.abs(x - start - 2 * t) < 3;
                    pixels[b * 3 * 4 * 32 * 32 + i] = (byte) (bar ? 220 : ground);
                }
            }
            return List.of(new Clips(2, 4, pixels));
        };
    }

    private Path fresh(String name) throws IOException {
        return Files.createDirectories(directory.resolve(name));
    }

    private static TrainingState train(Recipe recipe, Path run, boolean resume, long until)
            throws IOException, InterruptedException {
        try (Pretraining pretraining = new Pretraining(recipe, device, run, resume)) {
            pretraining.run(PretrainingTest::bars, until, progress -> {});
            return pretraining.state();
        }
    }

    private static void requireSame(TrainingState got, TrainingState wanted) {
        requireSame(got.encoder(), wanted.encoder());
        requireSame(got.predictor(), wanted.predictor());
        requireSame(got.target(), wanted.target());
        requireSame(got.optimiser(), wanted.optimiser());
    }

    private static void requireSame(Map<String, HostTensor> got, Map<String, HostTensor> wanted) {
        assertThat(got.keySet()).isEqualTo(wanted.keySet());
        wanted.forEach(
                (name, tensor) -> assertThat(got.get(name).floats()).as(name).isEqualTo(tensor.floats()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"vjepa1", "vjepa2", "vjepa2.1"})
    void fiveStepsAndFiveAfterARestart_areTen_toTheLastBit(String name) throws Exception {
        Recipe recipe = tiny(name, 2, 2, "");
        TrainingState whole = train(recipe, fresh("whole"), false, 10);
        Path parts = fresh("parts");
        train(recipe, parts, false, 5);
        TrainingState resumed = train(recipe, parts, true, 10);
        requireSame(resumed, whole);
        List<String> lines = Files.readAllLines(parts.resolve("metrics.csv"));
        assertThat(lines).hasSize(11);
        assertThat(lines.get(0)).startsWith("step,loss,prediction_loss");
        assertThat(lines.get(10)).startsWith("10,");
    }

    @Test
    void killedBetweenCheckpoints_goesOnFromTheLatest_andTheLinesBehindItAreWrittenAgain() throws Exception {
        Recipe recipe = tiny("vjepa1", 1, 2, "");
        TrainingState whole = train(recipe, fresh("whole"), false, 10);
        Path run = fresh("killed");
        try (Pretraining pretraining = new Pretraining(recipe, device, run, false)) {
            assertThatThrownBy(() -> pretraining.run(PretrainingTest::bars, 10, progress -> {
                        if (progress.step() == 8) {
                            throw new IllegalStateException("killed");
                        }
                    }))
                    .hasMessage("killed");
        }
        assertThat(Files.readAllLines(run.resolve("metrics.csv"))).hasSize(9);
        requireSame(train(recipe, run, true, 10), whole);
        assertThat(Files.readAllLines(run.resolve("metrics.csv"))).hasSize(11);
        assertThat(run.resolve("loss.png")).isNotEmptyFile();
        assertThat(run.resolve("effective-rank.png")).isNotEmptyFile();
    }

    @Test
    void lossFalls_andOnlyTheLatestCheckpointsStay() throws Exception {
        Recipe recipe = tiny("vjepa2", 1, 16, "");
        Path run = fresh("longer");
        List<Double> losses = new ArrayList<>();
        try (Pretraining pretraining = new Pretraining(recipe, device, run, false)) {
            pretraining.run(
                    PretrainingTest::bars,
                    80,
                    progress -> losses.add(progress.loss().total()));
        }
        double first =
                losses.subList(0, 10).stream().mapToDouble(Double::doubleValue).sum();
        double last =
                losses.subList(70, 80).stream().mapToDouble(Double::doubleValue).sum();
        assertThat(last).isLessThan(0.9 * first);
        try (var files = Files.list(run.resolve("checkpoints"))) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder("step-75.safetensors", "step-80.safetensors");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "init: {gain: 2.5, motion_filters: true} | gain 2.5, motion filters |",
                "init: {motion_filters: true}            | motion filters           |",
                "init: {gain: 1.0}                       |                          |",
                "loss: {whiten: true}                    |                          | whitened",
                "loss: {whiten: false}                   |                          |",
            })
    void bundle_saysWhatIsNotTheReferences(String more, @Nullable String init, @Nullable String targets)
            throws Exception {
        Recipe recipe = tiny("vjepa2", 1, 1, more + "\n");
        JsonNode provenance = new RunDirectory(fresh("said"))
                .write(recipe, "said", recipe.draw(), Map.of("steps", "0"))
                .provenance();
        assertThat(provenance.path("init").asText(null)).isEqualTo(init);
        assertThat(provenance.path("targets").asText(null)).isEqualTo(targets);
        assertThat(provenance.path("steps").asText()).isEqualTo("0");
    }

    @Test
    void clipsOfAStep_areThoseOfAllPassesAndDevices_withPictures() throws Exception {
        assertThat(tiny("vjepa2", 3, 1, "").clipsOfAStep()).isEqualTo(6);
        assertThat(recipe("vjepa2", "devices: [cpu, cpu]", "videos: [v]").clipsOfAStep())
                .isEqualTo(2 * 3 * 4);
        String sets = "image_batch_size: 5, sets: [{videos: [v], weight: 0.5}, {pictures: [p], weight: 0.5}]";
        assertThat(recipe("vjepa2.1", "device: cpu", sets).clipsOfAStep()).isEqualTo(3 * (4 + 5));
        assertThat(recipe("vjepa2.1", "device: cpu", "pictures: [p]").clipsOfAStep())
                .isEqualTo(3 * 4);
    }

    private static Recipe recipe(String recipe, String run, String data) throws IOException {
        return new Recipe(PretrainConfig.parse(
                "said",
                "recipe: %s\ndata: {batch_size: 4, accumulate: 3, %s}\nrun: {%s}\n".formatted(recipe, data, run)));
    }

    @Test
    void pixelsAsTargets_areLearntToo() throws Exception {
        Recipe recipe = tiny("vjepa1", 1, 8, "loss: {pixels: true, loss_exp: 2.0}\n");
        Path run = fresh("pixels");
        List<Double> losses = new ArrayList<>();
        try (Pretraining pretraining = new Pretraining(recipe, device, run, false)) {
            pretraining.run(
                    PretrainingTest::bars,
                    40,
                    progress -> losses.add(progress.loss().total()));
            RunDirectory directory = new RunDirectory(run);
            directory.write(recipe, "pixels", pretraining.state(), Map.of());
            assertThat(ModelBundle.read(directory.model()).predictor()).isEmpty();
        }
        double first =
                losses.subList(0, 5).stream().mapToDouble(Double::doubleValue).sum();
        double last =
                losses.subList(35, 40).stream().mapToDouble(Double::doubleValue).sum();
        assertThat(last).isLessThan(0.8 * first);
        assertThatThrownBy(
                        () -> tiny("vjepa2.1", 1, 1, "loss: {pixels: true}\n").objective())
                .hasMessageContaining("pixels: want vjepa1 or vjepa2");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "encoder | loss: {}",
                "encoder | loss: {whiten: true}",
                "target encoder | loss: {}",
                "target encoder | loss: {whiten: true}",
            })
    void lossThatIsNoNumber_stopsTheRun_withAReport(String spoiled, String loss) throws Exception {
        Recipe recipe = tiny("vjepa1", 1, 2, loss + "\n");
        Path run = fresh("nan");
        TrainingState before = train(recipe, run, false, 5);
        boolean target = spoiled.equals("target encoder");
        TrainingState broken = new TrainingState(
                target ? before.encoder() : spoiled(before.encoder()),
                before.predictor(),
                target ? spoiled(before.target()) : before.target(),
                before.optimiser());
        new Checkpoints(run, 2).write(6, broken, List.of(new TorchRandom(1)));
        try (Pretraining pretraining = new Pretraining(recipe, device, run, true)) {
            assertThat(pretraining.done()).isEqualTo(6);
            // Step 7 also measures the features.
            assertThatThrownBy(() -> pretraining.run(PretrainingTest::bars, 10, progress -> {}))
                    .isInstanceOf(TrainingFailedException.class)
                    .hasMessageContaining("step 7: want a loss that is a number, got");
            requireSame(pretraining.state(), broken);
        }
    }

    private static Map<String, HostTensor> spoiled(Map<String, HostTensor> encoder) {
        Map<String, HostTensor> copy = new LinkedHashMap<>(encoder);
        float[] values = copy.get("norm.bias").floats();
        values[0] = Float.NaN;
        copy.put("norm.bias", HostTensor.of(values, values.length));
        return copy;
    }

    @Test
    void collapsedFeatures_stopTheRun_whereItIsToldTo() throws Exception {
        Recipe recipe = new Recipe(PretrainConfig.parse(
                "stop",
                "recipe: vjepa1\n"
                        + TINY.formatted(2, 8, 1, 2)
                                .replace("collapse_every: 3", "collapse_every: 3, stop_on_collapse: true")));
        ClipBatches.Opener gray = first -> () -> List.of(new Clips(2, 4, new byte[2 * 3 * 4 * 32 * 32]));
        Path run = fresh("collapsed");
        TrainingState start = InitialWeights.draw(recipe.encoder(), recipe.predictor(), 1);
        Map<String, HostTensor> flat = new LinkedHashMap<>(start.target());
        flat.put("norm.weight", HostTensor.of(new float[24], 24));
        new Checkpoints(run, 2)
                .write(
                        3,
                        new TrainingState(start.encoder(), start.predictor(), flat, Map.of()),
                        List.of(new TorchRandom(1)));
        try (Pretraining pretraining = new Pretraining(recipe, device, run, true)) {
            assertThatThrownBy(() -> pretraining.run(gray, 10, progress -> {}))
                    .isInstanceOf(TrainingFailedException.class)
                    .hasMessageContaining("features look collapsed");
        }
    }
}
