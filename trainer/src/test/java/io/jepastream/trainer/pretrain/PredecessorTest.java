package io.jepastream.trainer.pretrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import io.jepastream.encoder.ModelBundle;
import io.jepastream.encoder.tensor.DeviceExecutor;
import io.jepastream.encoder.tensor.HostTensor;
import io.jepastream.trainer.data.Clips;
import io.jepastream.trainer.mask.TorchRandom;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A cool-down, with longer clips and larger pictures than the run before. */
final class PredecessorTest {
    private static final String FIRST = """
            recipe: %s
            model: {embed_dim: 24, depth: 2, num_heads: 2, img_size: 32, patch_size: 8, num_frames: 4}
            predictor: {embed_dim: 24, depth: 2, num_heads: 2, num_mask_tokens: 2}
            data: {batch_size: 2}
            optimization: {ipe: 4, epochs: 1, warmup: 0, lr: 2.0e-3}
            run: {precision: fp32, checkpoint_every: 4}
            """;
    private static final String COOL = FIRST.replace("img_size: 32", "img_size: 48")
            .replace("num_frames: 4", "num_frames: 8")
            .replace("epochs: 1, warmup: 0", "epochs: 2, anneal: true, warmup: 0, final_lr: 1.0e-6");

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

    private static Recipe recipe(String text) throws IOException {
        return new Recipe(PretrainConfig.parse("test", text));
    }

    private static ClipBatches.Opener noise(Recipe recipe) {
        int frames = recipe.encoder().numFrames();
        int side = recipe.encoder().imgHeight();
        return first -> {
            long[] number = {first};
            return () -> {
                byte[] pixels = new byte[2 * 3 * frames * side * side];
                new Random(number[0]++).nextBytes(pixels);
                return List.of(new Clips(2, frames, pixels));
            };
        };
    }

    private static TrainingState train(Recipe recipe, Path run, boolean resume, long until)
            throws IOException, InterruptedException {
        try (Pretraining pretraining = new Pretraining(recipe, device, run, resume)) {
            pretraining.run(noise(recipe), until, progress -> {});
            return pretraining.state();
        }
    }

    /** A finished run. */
    private Path first(String family) throws IOException, InterruptedException {
        Path run = directory.resolve("first");
        Recipe recipe = recipe(FIRST.formatted(family));
        new RunDirectory(run).open(recipe.config(), false);
        train(recipe, run, false, 4);
        return run;
    }

    private Path open(Recipe recipe, String name, Path from) throws IOException {
        Path run = directory.resolve(name);
        new RunDirectory(run).open(recipe.config(), false, Optional.of(from));
        return run;
    }

    private static void requireSame(Map<String, HostTensor> got, Map<String, HostTensor> wanted) {
        assertThat(got.keySet()).isEqualTo(wanted.keySet());
        wanted.forEach(
                (name, tensor) -> assertThat(got.get(name).floats()).as(name).isEqualTo(tensor.floats()));
    }

    private static void requireSame(TrainingState got, TrainingState wanted) {
        requireSame(got.encoder(), wanted.encoder());
        requireSame(got.predictor(), wanted.predictor());
        requireSame(got.target(), wanted.target());
        requireSame(got.optimiser(), wanted.optimiser());
    }

    @Test
    void coolDown_beginsWithWeightsAndMoments_atStepOne_andItsRateFallsInAStraightLine() throws Exception {
        Path first = first("vjepa2");
        Recipe cool = recipe(COOL.formatted("vjepa2"));
        Path run = open(cool, "cool", first);
        assertThat(run.resolve("config.yaml")).content().contains("step-4.safetensors");
        try (Pretraining pretraining = new Pretraining(cool, device, run, false)) {
            TrainingState before =
                    new Checkpoints(first, 1).latest().orElseThrow().state();
            assertThat(before.optimiser().get("encoder/norm.weight/step").floats())
                    .containsExactly(4);
            requireSame(pretraining.state(), before);
            assertThat(pretraining.done()).isZero();
            pretraining.run(noise(cool), 8, progress -> {});
            assertThat(pretraining
                            .state()
                            .optimiser()
                            .get("encoder/norm.weight/step")
                            .floats())
                    .containsExactly(12);
        }
        List<String> lines = Files.readAllLines(run.resolve("metrics.csv"));
        assertThat(lines).hasSize(9);
        for (int step = 1; step <= 8; step++) {
            double rate = Double.parseDouble(lines.get(step).split(",", -1)[5]);
            // 8 steps are run of the 10 that the line is laid out for.
            assertThat(rate).isCloseTo(2e-3 + step / 10.0 * (1e-6 - 2e-3), within(1e-9));
        }
    }

    @Test
    void restart_needsThePredecessorOnlyBeforeTheFirstCheckpoint() throws Exception {
        Path first = first("vjepa2");
        Recipe cool = recipe(COOL.formatted("vjepa2"));
        Path file = first.resolve("checkpoints/step-4.safetensors");
        TrainingState whole = train(cool, open(cool, "whole", file), false, 8);
        Path run = open(cool, "parts", first);
        try (Pretraining killed = new Pretraining(cool, device, run, false)) {
            assertThatThrownBy(() -> killed.run(noise(cool), 8, progress -> {
                        throw new IllegalStateException("killed");
                    }))
                    .hasMessage("killed");
        }
        new RunDirectory(run).open(cool.config(), true);
        train(cool, run, true, 4);
        Files.delete(file);
        new RunDirectory(run).open(cool.config(), true, Optional.of(first));
        requireSame(train(cool, run, true, 8), whole);
        assertThatThrownBy(() -> new RunDirectory(run).open(cool.config(), true, Optional.of(directory.resolve("x"))))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("want the checkpoint that the run began from")
                .hasMessageContaining("step-4.safetensors");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "embed_dim: 24, depth: 2, num_heads: 2, img  | embed_dim: 32, depth: 2, num_heads: 2, img | encoder: tensor 'patch_embed.proj.weight': want shape (32, 3, 2, 8, 8), got (24, 3, 2, 8, 8)",
                "depth: 2, num_heads: 2, img  | depth: 3, num_heads: 2, img | encoder: tensor 'blocks.2.norm1.weight': want shape (24), got none",
                "depth: 2, num_heads: 2, img  | depth: 1, num_heads: 2, img | encoder: want 16 tensors, got 12 more, such as 'blocks.1.",
                "depth: 2, num_heads: 2, img  | depth: 2, num_heads: 1, img | encoder: want 1 heads of vjepa2, got 2 of vjepa2",
                "num_mask_tokens: 2 | num_mask_tokens: 4 | predictor: tensor 'mask_tokens.2': want shape (1, 1, 24), got none",
            })
    void otherNetworks_areRefused_beforeThereIsAFolder(String part, String other, String message) throws Exception {
        Path first = first("vjepa2");
        Recipe cool = recipe(COOL.formatted("vjepa2").replace(part, other));
        assertThatThrownBy(() -> open(cool, "refused", first))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("step-4.safetensors")
                .hasMessageContaining(message);
        assertThat(directory.resolve("refused")).doesNotExist();
    }

    @Test
    void changedFirstWeights_areRefused_beforeThereIsAFolder() throws Exception {
        Path first = first("vjepa2");
        Recipe both = recipe(COOL.formatted("vjepa2") + "init: {gain: 2.5, motion_filters: true}\n");
        assertThatThrownBy(() -> open(both, "refused", first))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("init: want none in a run that takes its first weights from a checkpoint")
                .hasMessageContaining("step-4.safetensors, got gain 2.5, motion filters");
        Recipe filters = recipe(COOL.formatted("vjepa2") + "init: {motion_filters: true}\n");
        assertThatThrownBy(() -> open(filters, "refused", first)).hasMessageEndingWith("got motion filters");
        assertThat(directory.resolve("refused")).doesNotExist();
        open(recipe(COOL.formatted("vjepa2") + "init: {gain: 1.0, motion_filters: false}\n"), "same", first);
        assertThat(directory.resolve("same/config.yaml")).exists();
    }

    /** Earlier versions took no notice of {@code init} there, and such a run goes on. */
    @Test
    void runThatBeganWithBoth_goesOn() throws Exception {
        Path first = first("vjepa2");
        Recipe cool = recipe(COOL.formatted("vjepa2"));
        TrainingState whole = train(cool, open(cool, "whole", first), false, 4);
        Recipe both = recipe(COOL.formatted("vjepa2") + "init: {gain: 2.5}\n");
        Path run = open(cool, "both", first);
        String origin = Files.readString(run.resolve("config.yaml"))
                .substring(cool.config().toYaml().length());
        Files.writeString(run.resolve("config.yaml"), both.config().toYaml() + origin);
        train(both, run, false, 2);
        new RunDirectory(run).open(both.config(), true);
        TrainingState state = train(both, run, true, 4);
        requireSame(state, whole);
        ModelBundle bundle = new RunDirectory(run).write(both, "both", state, Map.of());
        assertThat(bundle.provenance().has("init")).isFalse();
    }

    @Test
    void positionTables_wantTheSameGrid() throws Exception {
        Path first = first("vjepa1");
        Recipe same = recipe(FIRST.formatted("vjepa1").replace("lr: 2.0e-3", "lr: 1.0e-3"));
        train(same, open(same, "same", first), false, 1);
        Recipe larger = recipe(COOL.formatted("vjepa1"));
        assertThatThrownBy(() -> open(larger, "refused", first))
                .hasMessageContaining("pos_embed: want the table of this run's frames and picture size, got another");
        // As many tokens in another shape: 8 x 2 x 2 for 2 x 4 x 4.
        Recipe turned = recipe(FIRST.formatted("vjepa1")
                .replace("img_size: 32", "img_size: 16")
                .replace("num_frames: 4", "num_frames: 16"));
        assertThat(turned.encoder().tokens()).isEqualTo(same.encoder().tokens());
        assertThatThrownBy(() -> open(turned, "refused", first))
                .hasMessageContaining("pos_embed: want the table of this run's frames and picture size, got another");
    }

    @Test
    void whatIsNoRun_isSaid() throws Exception {
        Recipe cool = recipe(COOL.formatted("vjepa2"));
        assertThatThrownBy(() -> open(cool, "refused", directory.resolve("nowhere")))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessageContaining("want a checkpoint or the folder of a run, got nothing at");
        assertThatThrownBy(() -> open(cool, "refused", directory))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessageContaining("want a run with checkpoints, got none in");
        new Checkpoints(directory, 1).write(1, cool.draw(), List.of(new TorchRandom(1)));
        open(cool, "taken", directory);
    }
}
