package io.jepastream.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Configurations of V-JEPA 2.1; counts were taken from the reference. */
final class DenseConfigTest {
    private static EncoderConfig.Builder tiny() {
        return EncoderConfig.builder(Family.VJEPA21)
                .imgSize(48)
                .embedDim(24)
                .depth(12)
                .numHeads(2);
    }

    private static JsonNode json(String text) throws JsonProcessingException {
        return new ObjectMapper().readTree(text);
    }

    private static long count(Map<String, Shape> shapes) {
        return shapes.values().stream().mapToLong(Shape::size).sum();
    }

    @ParameterizedTest
    @CsvSource({
        "vit_base, 86833152, 158, 22874752, 162, 1664",
        "vit_large, 304680960, 302, 22973056, 162, 1664",
        "vit_giant_xformers, 1013267968, 494, 55400704, 308, 5632",
        "vit_gigantic_xformers, 1845216768, 590, 59433472, 308, 6656"
    })
    void officialSize_hasTheOfficialParameters(
            String size, long encoderCount, int encoderTensors, long predictorCount, int predictorTensors, int output) {
        EncoderConfig encoder = EncoderConfig.builder(Family.VJEPA21, size).build();
        assertThat(count(VideoEncoder.shapes(encoder))).isEqualTo(encoderCount);
        assertThat(VideoEncoder.shapes(encoder)).hasSize(encoderTensors);
        assertThat(encoder.tokens()).isEqualTo(18_432);
        PredictorConfig predictor = PredictorConfig.officialFor(encoder);
        assertThat(count(Predictor.shapes(encoder, predictor))).isEqualTo(predictorCount);
        assertThat(Predictor.shapes(encoder, predictor)).hasSize(predictorTensors);
        assertThat(predictor.outputDim()).isEqualTo(output);
        assertThat(encoder.embedDim() / encoder.numHeads()).isEqualTo(64);
    }

    @Test
    void kernelsTakeEveryParameterOnce() {
        EncoderConfig encoder = tiny().build();
        assertThat(VideoEncoder.kernelOrder(encoder))
                .containsExactlyInAnyOrderElementsOf(
                        VideoEncoder.shapes(encoder).keySet());
        for (int levels : List.of(1, 4)) {
            PredictorConfig predictor = predictor(4, DensePredictorConfig.trained(levels, 20));
            assertThat(Predictor.kernelOrder(predictor))
                    .containsExactlyInAnyOrderElementsOf(
                            Predictor.shapes(encoder, predictor).keySet());
        }
    }

    @Test
    void levelBlocks_followTheDepth() {
        assertThat(tiny().build().levelBlocks()).containsExactly(2, 5, 8, 11);
        assertThat(tiny().depth(24).build().levelBlocks()).containsExactly(5, 11, 17, 23);
        assertThat(tiny().depth(40).build().levelBlocks()).containsExactly(9, 19, 29, 39);
        assertThat(tiny().depth(48).build().levelBlocks()).containsExactly(11, 23, 37, 47);
        assertThat(tiny().dense(new DenseConfig(true, true, 1)).build().outputBlocks())
                .containsExactly(11);
        EncoderConfig second = EncoderConfig.builder(Family.VJEPA2).build();
        assertThat(second.levelBlocks()).isEmpty();
        assertThat(second.outputBlocks()).containsExactly(23);
    }

    @Test
    void everyOption_survivesJson() {
        EncoderConfig encoder = tiny().dense(new DenseConfig(false, false, 1)).build();
        assertThat(ConfigJson.encoder(Family.VJEPA21, ConfigJson.encoder(encoder)))
                .isEqualTo(encoder);
        for (DensePredictorConfig dense : List.of(
                new DensePredictorConfig(4, 96, false, true, false),
                new DensePredictorConfig(4, 17, true, false, true),
                new DensePredictorConfig(1, 24, true, true, true),
                new DensePredictorConfig(1, 1664, false, true, true))) {
            PredictorConfig predictor = predictor(20, dense);
            assertThat(ConfigJson.predictor(Family.VJEPA21, ConfigJson.predictor(predictor)))
                    .isEqualTo(predictor);
        }
    }

    @Test
    void optionsNotNamed_areAsInTraining() throws JsonProcessingException {
        JsonNode encoder = json(
                "{\"img_size\": 384, \"patch_size\": 16, \"num_frames\": 64, \"embed_dim\": 24, \"depth\": 12, \"num_heads\": 2}");
        assertThat(ConfigJson.encoder(Family.VJEPA21, encoder).dense()).isEqualTo(DenseConfig.OFFICIAL);
        assertThat(ConfigJson.encoder(Family.VJEPA2, encoder).dense()).isEqualTo(DenseConfig.NONE);
        JsonNode predictor = json(
                "{\"embed_dim\": 24, \"predictor_embed_dim\": 12, \"depth\": 4, \"num_heads\": 1, \"num_mask_tokens\": 8}");
        assertThat(ConfigJson.predictor(Family.VJEPA21, predictor).dense())
                .isEqualTo(DensePredictorConfig.trained(4, 96));
    }

    @Test
    void olderGenerations_areWrittenAsBefore() {
        EncoderConfig second = EncoderConfig.builder(Family.VJEPA2).build();
        assertThat(ConfigJson.encoder(second).has("n_output_distillation")).isFalse();
        assertThat(ConfigJson.predictor(PredictorConfig.officialFor(second)).has("n_output_distillation"))
                .isFalse();
    }

    @Test
    void familyNames_areClosed() {
        assertThat(Family.named("vjepa2.1")).isEqualTo(Family.VJEPA21);
        assertThatThrownBy(() -> Family.named("vjepa3"))
                .hasMessage("family: want one of [vjepa1, vjepa2, vjepa2.1], got 'vjepa3'");
    }

    @Test
    void impossibleEncoder_isRefused() {
        refused(tiny().depth(10), "depth: want 12, 24, 40 or 48 for vjepa2.1, got 10");
        refused(tiny().useRope(false), "use_rope: want true for vjepa2.1, which has no position table, got false");
        refused(tiny().numFrames(1), "num_frames: want 2 or more for vjepa2.1, which takes images too, got 1");
        refused(tiny().patchSize(8), "patch_size: want 14 or 16 with interpolate_rope, got 8");
        refused(tiny().numHeads(6), "embed_dim / num_heads: want at least 6 for rotary positions, got 4");
        refused(tiny().dense(new DenseConfig(true, true, 2)), "n_output_distillation: want 1 or 4, got 2");
        refused(tiny().dense(DenseConfig.NONE), "n_output_distillation: want 1 or 4, got 0");
        refused(
                EncoderConfig.builder(Family.VJEPA2).dense(DenseConfig.OFFICIAL),
                "vjepa2: want no options of vjepa2.1, got DenseConfig[");
        assertThatThrownBy(() -> EncoderConfig.builder(Family.VJEPA21, "vit_huge"))
                .hasMessageContaining(
                        "size: want one of [vit_base, vit_giant_xformers, vit_gigantic_xformers, vit_large]");
        assertThatThrownBy(() -> EncoderConfig.builder(Family.VJEPA2, "vit_gigantic_xformers"))
                .hasMessageContaining("got 'vit_gigantic_xformers'");
        assertThatThrownBy(() -> ConfigJson.encoder(
                        Family.VJEPA21, ConfigJson.encoder(tiny().build()).put("img_temporal_dim_size", 2)))
                .hasMessage("img_temporal_dim_size: want 1, got 2");
    }

    private static void refused(EncoderConfig.Builder builder, String message) {
        assertThatThrownBy(builder::build)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    private static PredictorConfig predictor(int depth, DensePredictorConfig dense) {
        return new PredictorConfig(24, 12, depth, 1, 4, 8, true, true, false, false, true, 1e-6, dense);
    }

    @Test
    void impossiblePredictor_isRefused() {
        DensePredictorConfig good = DensePredictorConfig.trained(4, 96);
        assertThatThrownBy(() -> predictor(10, good))
                .hasMessage("predictor depth: want one of [4, 8, 12, 20, 24, 40] for vjepa2.1, got 10");
        assertThatThrownBy(() -> predictor(12, DensePredictorConfig.trained(3, 96)))
                .hasMessage("predictor n_output_distillation: want 1 or 4, got 3");
        assertThatThrownBy(() -> predictor(12, DensePredictorConfig.trained(1, 0)))
                .hasMessage("predictor output width: want positive, got 0");
    }
}
