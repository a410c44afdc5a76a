package io.jepastream.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.types.Shape;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class EncoderConfigTest {
    @Test
    void everyProperty_survivesJson() {
        EncoderConfig config = EncoderConfig.builder(Family.VJEPA2)
                .imgSize(60, 72)
                .patchSize(12)
                .numFrames(6)
                .tubeletSize(3)
                .inChans(4)
                .embedDim(90)
                .depth(5)
                .numHeads(6)
                .mlpRatio(3.5)
                .qkvBias(false)
                .uniformPower(true)
                .useRope(false)
                .silu(true, false)
                .normEps(1e-4)
                .build();
        assertThat(ConfigJson.encoder(Family.VJEPA2, ConfigJson.encoder(config)))
                .isEqualTo(config);
        assertThat(config.tokens()).isEqualTo(2 * 5 * 6);
        EncoderConfig plain = EncoderConfig.builder(Family.VJEPA1).build();
        assertThat(ConfigJson.encoder(Family.VJEPA1, ConfigJson.encoder(plain))).isEqualTo(plain);
    }

    /** Trainable parameters of the official sizes, without the fixed position table. */
    @ParameterizedTest
    @CsvSource({
        "vit_tiny, 5633856",
        "vit_small, 21884544",
        "vit_base, 86236416",
        "vit_large, 303885312",
        "vit_huge, 631648000",
        "vit_giant, 1012173952",
        "vit_giant_xformers, 1012173952"
    })
    void officialSize_hasTheOfficialParameterCount(String size, long count) {
        EncoderConfig config = EncoderConfig.builder(Family.VJEPA2, size).build();
        assertThat(VideoEncoder.shapes(config).values().stream()
                        .mapToLong(Shape::size)
                        .sum())
                .isEqualTo(count);
    }

    @ParameterizedTest
    @CsvSource({"1024, 4, 2736", "1280, 4, 3416"})
    void wideGatedPart_isRoundedUpToEights(int dim, double ratio, int hidden) {
        assertThat(EncoderConfig.hidden(dim, ratio, true, true)).isEqualTo(hidden);
    }

    @Test
    void officialPredictor_hasTheOfficialParameterCount() {
        EncoderConfig large = EncoderConfig.builder(Family.VJEPA2, "vit_large").build();
        PredictorConfig config = PredictorConfig.officialFor(large);
        assertThat(Predictor.shapes(large, config).values().stream()
                        .mapToLong(Shape::size)
                        .sum())
                .isEqualTo(22_086_016);
    }

    @Test
    void impossibleArchitecture_isRefused() {
        assertThatThrownBy(
                        () -> EncoderConfig.builder(Family.VJEPA1).numFrames(3).build())
                .hasMessage("num_frames: want 1 or a multiple of tubelet_size 2, got 3");
        assertThatThrownBy(
                        () -> EncoderConfig.builder(Family.VJEPA1).numHeads(7).build())
                .hasMessage("embed_dim: want a positive multiple of num_heads 7, got 1024");
        assertThatThrownBy(() -> EncoderConfig.builder(Family.VJEPA1, "vit_mega"))
                .hasMessageContaining("got 'vit_mega'");
    }

    /** A configuration may come from anywhere; these would take all of the memory, or more than an int counts. */
    @Test
    void absurdArchitecture_isRefused() {
        refuses(config -> config.depth(Integer.MAX_VALUE), "depth: want at most 1024");
        refuses(config -> config.embedDim(1 << 30), "embed_dim: want at most 65536");
        refuses(config -> config.imgSize(1 << 30), "img_size: want at most 8192");
        refuses(config -> config.numFrames(1 << 30), "num_frames: want at most 4096");
        refuses(config -> config.tubeletSize(1 << 30), "num_frames: want at most 4096");
        refuses(config -> config.inChans(1 << 30), "in_chans: want at most 1024");
        refuses(config -> config.mlpRatio(Double.POSITIVE_INFINITY), "mlp_ratio: want at most 64");
        refuses(config -> config.mlpRatio(Double.NaN), "mlp_ratio: want at most 64");
        refuses(config -> config.normEps(Double.POSITIVE_INFINITY), "norm_eps: want at most 1");
        refuses(config -> config.imgSize(8192).patchSize(1), "tokens times embed_dim: want at most 536870912");
    }

    private static void refuses(UnaryOperator<EncoderConfig.Builder> change, String message) {
        assertThatThrownBy(
                        () -> change.apply(EncoderConfig.builder(Family.VJEPA1)).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(message);
    }
}
