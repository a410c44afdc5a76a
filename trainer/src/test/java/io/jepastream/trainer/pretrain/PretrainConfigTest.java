package io.jepastream.trainer.pretrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.jepastream.encoder.Family;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PretrainConfigTest {
    @Test
    void recipeOfTheFirstGeneration_hasItsPublishedNumbers() throws IOException {
        Recipe recipe = new Recipe(PretrainConfig.parse("x", "recipe: vjepa1"));
        assertThat(recipe.encoder().embedDim()).isEqualTo(1024);
        assertThat(recipe.encoder().tokens()).isEqualTo(1568);
        assertThat(recipe.predictor().numHeads()).isEqualTo(16);
        assertThat(recipe.predictor().numMaskTokens()).isEqualTo(2);
        assertThat(recipe.hyper(1).learningRate()).isCloseTo(2.000354e-4, within(1e-10));
        assertThat(recipe.hyper(45_000).learningRate()).isCloseTo(4.732039e-4, within(1e-10));
        assertThat(recipe.hyper(90_000).weightDecay()).isCloseTo(0.36562306, within(1e-8));
        assertThat(recipe.hyper(12_300).clip()).isZero();
        assertThat(recipe.hyper(12_301).clip()).isEqualTo(10);
        assertThat(recipe.contextWeight(60_000)).isZero();
        assertThat(recipe.masks(16)).hasSize(2);
    }

    @Test
    void laterRecipes_areTheirGenerations() throws IOException {
        Recipe second = new Recipe(PretrainConfig.parse("x", "recipe: vjepa2"));
        assertThat(second.encoder().family()).isEqualTo(Family.VJEPA2);
        assertThat(second.hyper(200_000).learningRate()).isEqualTo(5.25e-4);
        assertThat(second.hyper(200_000).momentum()).isEqualTo(0.99925);
        Recipe dense = new Recipe(PretrainConfig.parse("x", "recipe: vjepa2.1"));
        assertThat(dense.predictor().outputDim()).isEqualTo(4096);
        assertThat(dense.contextWeight(1)).isZero();
        assertThat(dense.contextWeight(100_000)).isEqualTo(0.5);
        assertThat(dense.objective().weighDistance()).isTrue();
        assertThat(dense.config().imageMask())
                .singleElement()
                .satisfies(mask -> assertThat(mask.numBlocks()).isEqualTo(10));
        Recipe cooling = new Recipe(PretrainConfig.parse(
                "x", "{recipe: vjepa2, optimization: {anneal: true, epochs: 40, final_lr: 1.0e-6}}"));
        assertThat(cooling.hyper(12_000).learningRate()).isCloseTo(1.058e-4, within(1e-8));
    }

    @Test
    void ownWords_winOverTheRecipe_andComeBackAsWritten() throws IOException {
        PretrainConfig config = PretrainConfig.parse("x", """
                recipe: vjepa1
                model: {size: vit_tiny, img_size: 64, patch_size: 8, depth: 6}
                mask:
                  - {ratio: 0.75}
                data: {batch_size: 4, videos: [a, b.mp4]}
                """);
        Recipe recipe = new Recipe(config);
        assertThat(recipe.encoder().depth()).isEqualTo(6);
        assertThat(recipe.encoder().embedDim()).isEqualTo(192);
        assertThat(recipe.masks(16)).hasSize(1);
        assertThat(config.data().frameStep()).isEqualTo(4);
        assertThat(PretrainConfig.parse("again", "recipe: vjepa1\n" + config.toYaml()))
                .isEqualTo(config);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "recipe: vjepa7                                  | recipe: want one of [vjepa1, vjepa2, vjepa2.1], got 'vjepa7'",
                "model: {}                                       | recipe: want one of",
                "just text                                       | want fields such as",
                "{recipe: vjepa1, modle: {}}                     | modle",
                "{recipe: vjepa1, data: {batch_size: many}}      | data.batch_size",
                "{recipe: vjepa1, data: {batch_size: 0}}         | batch_size and accumulate from 1",
                "{recipe: vjepa1, mask: []}                      | mask: want at least one",
                "{recipe: vjepa1                                 | no YAML",
            })
    void mistakes_areNamed(String text, String message) {
        assertThatThrownBy(() -> PretrainConfig.parse("run.yaml", text))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("run.yaml")
                .hasMessageContaining(message);
    }

    @Test
    void whatNoModelCanBe_isRefused() throws IOException {
        PretrainConfig odd = PretrainConfig.parse("x", "{recipe: vjepa1, model: {num_heads: 7}}");
        assertThatThrownBy(() -> new Recipe(odd)).hasMessageContaining("embed_dim: want a positive multiple");
        PretrainConfig none = PretrainConfig.parse("x", "{recipe: vjepa1, mask: [{num_blocks: 0}]}");
        assertThatThrownBy(() -> new Recipe(none).masks(16)).hasMessageContaining("spatial_scale: want two numbers");
    }

    @ParameterizedTest
    @CsvSource({
        "data:,data: want it given",
        "optimization: ~,optimization: want it given",
        "mask: [null],mask: want a list without nulls",
        "run: {device: ~},run: device: want it given",
        "optimization: {ema: },optimization: ema: want a list without nulls"
    })
    void whatIsNull_isNamed(String text, String message) {
        assertThatThrownBy(() -> PretrainConfig.parse("x", "recipe: vjepa1\n" + text))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(message);
    }
}
