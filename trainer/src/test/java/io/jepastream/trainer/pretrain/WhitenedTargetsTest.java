package io.jepastream.trainer.pretrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.jepastream.encoder.tensor.Kernel;
import io.jepastream.encoder.tensor.Precision;
import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class WhitenedTargetsTest {
    private static final int CLIPS = 4;
    private static final int TOKENS = 64;
    private static final int WIDTH = 8;

    private static Recipe recipe(String loss) throws IOException {
        return new Recipe(PretrainConfig.parse("tiny", """
                recipe: vjepa2
                model: {embed_dim: 24, depth: 2, num_heads: 2, img_size: 32, patch_size: 8, num_frames: 4}
                predictor: {embed_dim: 24, depth: 2, num_heads: 2}
                loss: {%s}
                """.formatted(loss)));
    }

    private static float[] whitened(float[] features) throws IOException {
        Recipe recipe = recipe("whiten: true");
        try (NDManager scope = NDManager.newBaseManager();
                Kernel kernel = PretrainStep.compile(
                        scope, recipe.encoder(), recipe.predictor(), recipe.objective(), Precision.FP32)) {
            NDArray x = scope.create(features, new Shape(CLIPS, TOKENS, WIDTH));
            return kernel.call(scope, "whitened", x).singletonOrThrow().toFloatArray();
        }
    }

    /** Noise of very different strengths in mixed directions, off centre. */
    private static float[] features() {
        Random random = new Random(1);
        double[][] mix = new double[WIDTH][WIDTH];
        for (double[] row : mix) {
            for (int i = 0; i < WIDTH; i++) {
                row[i] = random.nextGaussian() * (i + 1);
            }
        }
        float[] all = new float[CLIPS * TOKENS * WIDTH];
        for (int clip = 0; clip < CLIPS; clip++) {
            for (int token = 0; token < TOKENS; token++) {
                double[] source = random.doubles(WIDTH, -1, 1).toArray();
                for (int i = 0; i < WIDTH; i++) {
                    double sum = 100 * (i + 1);
                    for (int j = 0; j < WIDTH; j++) {
                        sum += mix[i][j] * source[j];
                    }
                    all[(clip * TOKENS + token) * WIDTH + i] = (float) sum;
                }
            }
        }
        return all;
    }

    @Test
    void targetsAreCentred() throws Exception {
        float[] out = whitened(features());
        for (int i = 0; i < WIDTH; i++) {
            double sum = 0;
            for (int k = 0; k < CLIPS * TOKENS; k++) {
                sum += out[k * WIDTH + i];
            }
            assertThat(sum / (CLIPS * TOKENS)).isCloseTo(0, within(1e-3));
        }
    }

    @Test
    void directionsAreUncorrelated_andAlikeWhereTheyAreNotFeeble() throws Exception {
        float[] out = whitened(features());
        double trace = 0;
        for (int i = 0; i < WIDTH; i++) {
            for (int j = 0; j < WIDTH; j++) {
                double sum = 0;
                for (int k = 0; k < CLIPS * TOKENS; k++) {
                    sum += out[k * WIDTH + i] * out[k * WIDTH + j];
                }
                double covariance = sum / (CLIPS * TOKENS);
                if (i == j) {
                    trace += covariance;
                    assertThat(covariance).isBetween(0.3, 1.0);
                } else {
                    assertThat(covariance).isCloseTo(0, within(0.3));
                }
            }
        }
        assertThat(trace).isBetween(0.7 * WIDTH, 1.0 * WIDTH);
    }

    @Test
    void clipsOfOneColourGiveNumbers() throws Exception {
        assertThat(whitened(new float[CLIPS * TOKENS * WIDTH])).containsOnly(0f);
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
    void oneFeatureThatIsNoNumber_leavesNone_andIsNoErrorOfTheEngine(float odd) throws Exception {
        float[] features = features();
        features[WIDTH + 3] = odd;
        assertThat(whitened(features)).containsOnly(Float.NaN);
    }

    @Test
    void pixelsAreNotWhitened() throws Exception {
        Recipe both = recipe("whiten: true, pixels: true");
        assertThatThrownBy(both::objective).hasMessageContaining("got both");
    }
}
