package io.jepastream.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

final class ModelFlopsTest {
    @Test
    void oneBlockOnAFewTokens_isCountedByHand() {
        EncoderConfig config = EncoderConfig.builder(Family.VJEPA1)
                .imgSize(32)
                .numFrames(2)
                .embedDim(8)
                .numHeads(2)
                .depth(1)
                .build();
        // 4 tokens: patches 4 x 1536 x 8; qkv 4 x 8 x 24; scores and values 2 x 4 x 4 x 8; projection 4 x 8 x 8; 2 x 4
        // x 8 x 32
        long products = 4 * 1536 * 8 + 4 * 8 * 24 + 2 * 4 * 4 * 8 + 4 * 8 * 8 + 2 * 4 * 8 * 32;
        assertThat(ModelFlops.encoder(config)).isEqualTo(2 * products);
    }

    @Test
    void aGate_isAThirdProduct() {
        EncoderConfig.Builder builder = EncoderConfig.builder(Family.VJEPA2, "vit_tiny");
        EncoderConfig plain = builder.build();
        EncoderConfig gated = builder.silu(true, false).build();
        long more = ModelFlops.encoder(gated) - ModelFlops.encoder(plain);
        assertThat(more).isEqualTo(2L * 12 * plain.tokens() * 192 * 768);
    }

    @Test
    void aLargeEncoderOnSixteenFrames_takesAboutATeraflopAndAHalf() {
        EncoderConfig config = EncoderConfig.builder(Family.VJEPA1, "vit_large").build();
        // 24 blocks of 12 D D products on 1568 tokens are 0.947 TFLOP, attention another 0.242
        assertThat(ModelFlops.encoder(config) / 1e12).isCloseTo(1.19, within(0.01));
    }

    @Test
    void thePredictor_readsVisibleTokens_andSaysHiddenOnes() {
        EncoderConfig encoder = EncoderConfig.builder(Family.VJEPA2, "vit_base").build();
        PredictorConfig config = PredictorConfig.officialFor(encoder);
        long visible = ModelFlops.predictor(config, 200, 0);
        long both = ModelFlops.predictor(config, 200, 1000);
        assertThat(ModelFlops.predictor(config, 0, 1) - 12L * 2 * (12 * 384 * 384 + 2 * 384))
                .isEqualTo(2L * 384 * 768);
        assertThat(both).isGreaterThan(6 * visible);
    }
}
