package io.jepastream.encoder.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.types.Shape;
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
