package io.jepastream.trainer.pretrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.jepastream.encoder.EncoderConfig;
import io.jepastream.encoder.Family;
import io.jepastream.encoder.PredictorConfig;
import io.jepastream.encoder.tensor.HostTensor;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class InitialWeightsTest {
    private static TrainingState draw(Family family) {
        EncoderConfig encoder = EncoderConfig.builder(family)
                .imgSize(32)
                .numFrames(4)
                .embedDim(96)
                .depth(12)
                .numHeads(3)
                .build();
        PredictorConfig predictor = PredictorConfig.officialFor(encoder);
        return InitialWeights.draw(encoder, predictor, 5);
    }

    private static double deviation(Map<String, HostTensor> state, String name) {
        double squares = 0;
        HostTensor tensor = state.get(name);
        for (float value : tensor.floats()) {
            squares += value * value;
        }
        return Math.sqrt(squares / tensor.size());
    }

    @Test
    void residualOutputs_shrinkWithDepth_inTheSecondGenerationOnly() {
        TrainingState first = draw(Family.VJEPA1);
        TrainingState second = draw(Family.VJEPA2);
        for (String name : new String[] {"blocks.7.attn.proj.weight", "blocks.7.mlp.fc2.weight"}) {
            assertThat(deviation(first.encoder(), name)).isCloseTo(0.02, within(1e-3));
            assertThat(deviation(second.encoder(), name)).isCloseTo(0.02 / 4, within(3e-4));
            assertThat(deviation(second.predictor(), "predictor_" + name)).isCloseTo(0.02 / 4, within(3e-4));
        }
        assertThat(deviation(second.encoder(), "blocks.7.mlp.fc1.weight")).isCloseTo(0.02, within(1e-3));
        assertThat(deviation(first.encoder(), "patch_embed.proj.weight")).isCloseTo(0.02, within(1e-3));
    }

    @Test
    void normsAreOne_biasesAndMaskTokensNought_modalityVectorsAlmost() {
        TrainingState dense = draw(Family.VJEPA21);
        assertThat(dense.encoder().get("norms_block.2.weight").floats()).containsOnly(1);
        assertThat(dense.encoder().get("blocks.0.attn.qkv.bias").floats()).containsOnly(0);
        assertThat(dense.predictor().get("mask_tokens.1").floats()).containsOnly(0);
        assertThat(deviation(dense.encoder(), "img_mod_embed")).isBetween(1e-7, 3e-6);
        assertThat(dense.target()).isEqualTo(dense.encoder());
    }

    @Test
    void otherStarts_scaleMatricesAlone_andReadMotion() {
        EncoderConfig config = EncoderConfig.builder(Family.VJEPA2)
                .imgSize(32)
                .numFrames(4)
                .embedDim(96)
                .depth(12)
                .numHeads(3)
                .build();
        TrainingState plain = draw(Family.VJEPA2);
        TrainingState loud = InitialWeights.changed(plain, config, 2.5, true, 5);
        assertThat(deviation(loud.encoder(), "blocks.7.mlp.fc1.weight")).isCloseTo(0.05, within(2.5e-3));
        assertThat(deviation(loud.predictor(), "predictor_embed.weight")).isCloseTo(0.05, within(2.5e-3));
        assertThat(loud.encoder().get("blocks.3.norm1.weight").floats()).containsOnly(1);
        assertThat(loud.target()).isEqualTo(loud.encoder());
        float[] filters = loud.encoder().get("patch_embed.proj.weight").floats();
        int size = filters.length / 96;
        for (int filter = 0; filter < 96; filter++) {
            double sum = 0;
            double squares = 0;
            for (int i = 0; i < size; i++) {
                sum += filters[filter * size + i];
                squares += filters[filter * size + i] * filters[filter * size + i];
            }
            assertThat(sum).isCloseTo(0, within(1e-4));
            assertThat(Math.sqrt(squares)).isCloseTo(0.1, within(1e-4));
        }
        assertThat(deviation(plain.encoder(), "blocks.7.mlp.fc1.weight")).isCloseTo(0.02, within(1e-3));
        TrainingState quiet = InitialWeights.changed(plain, config, 1, false, 5);
        assertThat(quiet.encoder()).isEqualTo(plain.encoder());
        assertThatThrownBy(() -> InitialWeights.changed(plain, config, 0, false, 5))
                .hasMessageContaining("gain: want above 0 and at most 20, got 0.0");
    }

    @Test
    void tablesAreSinCos_andSeedsDiffer() {
        TrainingState first = draw(Family.VJEPA1);
        float[] table = first.encoder().get("pos_embed").floats();
        assertThat(table[0]).isZero();
        assertThat(table[16]).isOne();
        assertThat(first.predictor()).containsKey("predictor_pos_embed");
        assertThat(draw(Family.VJEPA1).encoder().get("norm.weight").floats()).hasSize(96);
        String name = "blocks.0.mlp.fc1.weight";
        assertThat(draw(Family.VJEPA1).encoder().get(name).floats())
                .isEqualTo(first.encoder().get(name).floats())
                .isNotEqualTo(first.encoder().get("blocks.1.mlp.fc1.weight").floats());
    }
}
