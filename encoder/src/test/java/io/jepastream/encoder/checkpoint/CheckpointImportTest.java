package io.jepastream.encoder.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.types.Shape;
import io.jepastream.encoder.DenseConfig;
import io.jepastream.encoder.DensePredictorConfig;
import io.jepastream.encoder.EncoderConfig;
import io.jepastream.encoder.Family;
import io.jepastream.encoder.ModelBundle;
import io.jepastream.encoder.Predictor;
import io.jepastream.encoder.PredictorConfig;
import io.jepastream.encoder.VideoEncoder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CheckpointImportTest {
    private static final EncoderConfig TINY =
            EncoderConfig.builder(Family.VJEPA1, "vit_tiny").build();

    @TempDir
    Path scratch;

    private static Map<String, long[]> sides(Map<String, Shape> shapes) {
        Map<String, long[]> sides = new LinkedHashMap<>();
        shapes.forEach((name, shape) -> sides.put(name, shape.getShape()));
        return sides;
    }

    private Path file(Map<String, Map<String, long[]>> states, float value) throws IOException {
        return TorchFiles.zip(scratch.resolve("latest.pth.tar"), TorchFiles.states(states), value);
    }

    private static ModelBundle.Draft inferred(Path file, Set<String> allow) throws IOException {
        return CheckpointImport.importFile(file, Optional.empty(), Optional.empty(), Weights.TARGET, allow);
    }

    private static StateDict state(Path file, String key) throws IOException {
        Map<?, ?> root = (Map<?, ?>) TorchFile.open(file).root();
        Object value = root.get(key);
        return new StateDict(file, key, value == null ? PyNone.NONE : value);
    }

    @Test
    void infersVersionOneFromItsTables() throws IOException {
        PredictorConfig predictor = PredictorConfig.officialFor(TINY);
        Map<String, long[]> predictorState = sides(Predictor.shapes(TINY, predictor));
        Path file =
                file(Map.of("target_encoder", sides(VideoEncoder.shapes(TINY)), "predictor", predictorState), 0.25f);
        ModelBundle.Draft draft = inferred(file, Set.of());
        assertThat(draft.name()).isEqualTo("latest");
        assertThat(draft.encoder()).isEqualTo(TINY);
        assertThat(draft.predictor()).contains(predictor);
        ModelBundle bundle = ModelBundle.write(scratch.resolve("bundle"), draft);
        assertThat(bundle.encoder()).isEqualTo(TINY);
        assertThat(bundle.predictorState()).hasSameSizeAs(predictorState);
    }

    @Test
    void waivedTableOfAnotherGrid_becomesTheAnalyticOne() throws IOException {
        EncoderConfig larger = EncoderConfig.builder(Family.VJEPA1, "vit_tiny")
                .imgSize(2 * TINY.imgHeight())
                .build();
        Path file = file(Map.of("target_encoder", sides(VideoEncoder.shapes(TINY))), 0.25f);
        Optional<EncoderConfig> config = Optional.of(larger);
        assertThatThrownBy(() -> CheckpointImport.importFile(file, config, Optional.empty(), Weights.TARGET, Set.of()))
                .hasMessageContaining("'pos_embed': want shape");
        ModelBundle.Draft draft =
                CheckpointImport.importFile(file, config, Optional.empty(), Weights.TARGET, Set.of("pos_embed"));
        assertThat(draft.encoderState().get("pos_embed").floats()).isEqualTo(VideoEncoder.positionTable(larger));
        assertThat(draft.encoderState().get("norm.bias").floats()).containsOnly(0.25f);
    }

    @Test
    void infersTheReleasedGiantInSpiteOfItsUnusedTable() throws IOException {
        EncoderConfig giant = EncoderConfig.builder(Family.VJEPA2, "vit_giant_xformers")
                .imgSize(384)
                .numFrames(64)
                .build();
        Map<String, long[]> state = sides(VideoEncoder.shapes(giant));
        state.put("pos_embed", new long[] {1, giant.tokens(), 8});
        StateDict read = state(file(Map.of("encoder", state), 0), "encoder");
        assertThat(Architecture.family(read, 10)).isEqualTo(Family.VJEPA2);
        assertThat(Architecture.encoder(read, Family.VJEPA2)).isEqualTo(giant);
    }

    @Test
    void infersVersionTwoWithoutTables() throws IOException {
        EncoderConfig large =
                EncoderConfig.builder(Family.VJEPA2, "vit_large").numFrames(64).build();
        StateDict read = state(file(Map.of("encoder", sides(VideoEncoder.shapes(large))), 0), "encoder");
        assertThat(Architecture.family(read, 0)).isEqualTo(Family.VJEPA2);
        assertThat(Architecture.encoder(read, Family.VJEPA2)).isEqualTo(large);
    }

    /** Shapes do not tell the clip's size; the released 384 pixels and 64 frames are taken. */
    @ParameterizedTest
    @ValueSource(strings = {"vit_base", "vit_large", "vit_giant_xformers", "vit_gigantic_xformers"})
    void infersEverySizeOfVersionTwoPointOne(String size) throws IOException {
        EncoderConfig official = EncoderConfig.builder(Family.VJEPA21, size).build();
        PredictorConfig predictor = PredictorConfig.officialFor(official);
        Path file = file(
                Map.of(
                        "ema_encoder",
                        sides(VideoEncoder.shapes(official)),
                        "predictor",
                        sides(Predictor.shapes(official, predictor))),
                0);
        StateDict encoder = state(file, "ema_encoder");
        assertThat(Architecture.family(encoder, 8)).isEqualTo(Family.VJEPA21);
        assertThat(Architecture.encoder(encoder, Family.VJEPA21)).isEqualTo(official);
        assertThat(Architecture.predictor(state(file, "predictor"), official)).isEqualTo(predictor);
    }

    private static final EncoderConfig DENSE = EncoderConfig.builder(Family.VJEPA21)
            .imgSize(32)
            .embedDim(24)
            .depth(12)
            .numHeads(2)
            .build();

    @Test
    void infersWhatWasLeftOut() throws IOException {
        EncoderConfig large = EncoderConfig.builder(Family.VJEPA21, "vit_large")
                .dense(new DenseConfig(true, false, 4))
                .build();
        PredictorConfig official = PredictorConfig.officialFor(large);
        DensePredictorConfig bare = new DensePredictorConfig(4, 4096, true, false, false);
        PredictorConfig predictor =
                new PredictorConfig(1024, 384, 12, 12, 4, 6, true, true, false, false, true, official.normEps(), bare);
        Map<String, long[]> encoderState = sides(VideoEncoder.shapes(large));
        Map<String, long[]> predictorState = sides(Predictor.shapes(large, predictor));
        Path file = file(Map.of("target_encoder", encoderState, "predictor", predictorState), 0);
        assertThat(Architecture.encoder(state(file, "target_encoder"), Family.VJEPA21))
                .isEqualTo(large);
        assertThat(Architecture.predictor(state(file, "predictor"), large)).isEqualTo(predictor);
    }

    @Test
    void takesTheTargetUnderEitherName() throws IOException {
        Map<String, long[]> state = sides(VideoEncoder.shapes(DENSE));
        for (String key : Weights.TARGET.keys()) {
            ModelBundle.Draft draft = dense(file(Map.of(key, state), 1), Weights.TARGET);
            assertThat(draft.provenance()).containsEntry("weights", key);
            assertThat(draft.encoderState()).hasSameSizeAs(state);
        }
        assertThatThrownBy(() -> dense(file(Map.of("ema_encoder", state), 1), Weights.ONLINE))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("want key 'encoder', got only [ema_encoder]; the ema_encoder weights are there");
    }

    @Test
    void namesTheFileWhoseShapesNoModelHas() throws IOException {
        EncoderConfig base = EncoderConfig.builder(Family.VJEPA21, "vit_base").build();
        Map<String, long[]> state = sides(VideoEncoder.shapes(base));
        state.put("patch_embed.proj.weight", new long[] {768, 3, 2, 8, 8});
        Path file = file(Map.of("target_encoder", state), 1);
        assertThatThrownBy(() -> inferred(file, Set.of()))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("latest.pth.tar")
                .hasMessageContaining("patch_size: want 14 or 16 with interpolate_rope, got 8");
    }

    /** Released V-JEPA 2 files may hold a table that is not used; of V-JEPA 2.1 no file does. */
    @Test
    void refusesStaleTablesOfVersionTwoPointOne() throws IOException {
        Map<String, long[]> state = sides(VideoEncoder.shapes(DENSE));
        state.put("pos_embed", new long[] {1, 32, 24});
        assertThatThrownBy(() -> dense(file(Map.of("target_encoder", state), 1), Weights.TARGET))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("unexpected [pos_embed]");
    }

    private static ModelBundle.Draft dense(Path file, Weights weights) throws IOException {
        return CheckpointImport.importFile(file, Optional.of(DENSE), Optional.empty(), weights, Set.of());
    }

    @Test
    void asksForTheHeadsOfUnofficialSizes() throws IOException {
        EncoderConfig own =
                EncoderConfig.builder(Family.VJEPA1, "vit_tiny").depth(3).build();
        Path file = file(Map.of("target_encoder", sides(VideoEncoder.shapes(own))), 1);
        assertThatThrownBy(() -> inferred(file, Set.of()))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("got width 192 and 3 blocks")
                .hasMessageContaining("give the configuration");
        assertThat(CheckpointImport.importFile(file, Optional.of(own), Optional.empty(), Weights.TARGET, Set.of())
                        .encoderState())
                .hasSameSizeAs(VideoEncoder.shapes(own));
    }

    @Test
    void waivesOnlyWhatIsNamed() throws IOException {
        Map<String, long[]> state = sides(VideoEncoder.shapes(TINY));
        state.put("head.weight", new long[] {4, 192});
        Path file = file(Map.of("target_encoder", state), 1);
        assertThatThrownBy(() -> inferred(file, Set.of()))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("unexpected [head.weight]");
        assertThat(inferred(file, Set.of("head.weight")).encoderState()).doesNotContainKey("head.weight");
        state.remove("head.weight");
        state.remove("norm.bias");
        assertThatThrownBy(() -> inferred(file(Map.of("target_encoder", state), 1), Set.of("norm.bias")))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("missing [norm.bias]");
    }

    @Test
    void refusesValuesThatAreNotFinite() throws IOException {
        Map<String, Map<String, long[]>> states = Map.of("target_encoder", sides(VideoEncoder.shapes(TINY)));
        Path file = file(states, Float.NaN);
        assertThatThrownBy(() -> inferred(file, Set.of()))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("'pos_embed': want finite values, got NaN");
        assertThat(inferred(file, states.get("target_encoder").keySet()).encoderState())
                .isNotEmpty();
    }
}
