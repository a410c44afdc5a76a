package io.jepastream.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.jepastream.encoder.tensor.Precision;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Scores of whole videos: segments behind each other, one row per view, heads on several levels. */
final class ClassifyTest {
    private static final EncoderConfig TINY = EncoderConfig.builder(Family.VJEPA2)
            .imgSize(32)
            .numFrames(64)
            .embedDim(48)
            .depth(3)
            .numHeads(3)
            .build();
    private static final int TOKENS = 2 * 2 * 2; // of a clip of 4 frames

    @TempDir
    private static Path directory;

    private static ModelBundle bundle;

    @BeforeAll
    static void writeBundle() throws IOException {
        bundle = ModelBundle.write(
                directory.resolve("tiny"),
                new ModelBundle.Draft("tiny", TINY, Optional.empty(), JepaModelTest.state(TINY), Map.of(), Map.of()));
    }

    /** Says how many tokens it saw, and the mean of their first channel. */
    private record Counter(String name, List<Integer> levels) implements TokenHead.Loader {
        @Override
        public TokenHead load(NDManager owner, EncoderConfig encoder, Precision precision) {
            return new TokenHead() {
                @Override
                public int classes() {
                    return 2;
                }

                @Override
                public List<Integer> levels() {
                    return levels;
                }

                @Override
                public Output read(NDManager scope, NDArray tokens) {
                    float[] values = tokens.toFloatArray();
                    int width = (int) tokens.getShape().get(2);
                    int count = (int) tokens.getShape().get(1);
                    int batch = (int) tokens.getShape().get(0);
                    float[] logits = new float[2 * batch];
                    for (int b = 0; b < batch; b++) {
                        logits[2 * b] = count;
                        for (int n = 0; n < count; n++) {
                            logits[2 * b + 1] += values[(b * count + n) * width] / count;
                        }
                    }
                    return new Output(scope.create(logits).reshape(batch, 2), tokens);
                }

                @Override
                public void close() {}
            };
        }
    }

    private static PixelClip clip(long seed) {
        Random random = new Random(seed);
        List<byte[]> pictures = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            byte[] picture = new byte[3 * 32 * 32];
            random.nextBytes(picture);
            pictures.add(picture);
        }
        return PixelClip.of(pictures, 32);
    }

    private static JepaModel open(Counter... heads) throws IOException {
        return JepaModel.open(bundle, ModelOptions.defaults().withDevice("cpu"), List.of(heads));
    }

    @Test
    void segmentsOfAView_areReadTogether_viewsApart() throws IOException {
        List<List<PixelClip>> views = List.of(List.of(clip(1), clip(2)), List.of(clip(3), clip(4)));
        try (JepaModel model = open(new Counter("last", List.of()))) {
            float[][] together = model.classify(views, true).get("last");
            float[][] apart = model.classify(views, false).get("last");
            assertThat(together).hasNumberOfRows(2);
            assertThat(apart).hasNumberOfRows(4);
            assertThat(together[1][0]).isEqualTo(2 * TOKENS);
            assertThat(apart[3][0]).isEqualTo(TOKENS);
            assertThat(together[1][1]).isCloseTo((apart[2][1] + apart[3][1]) / 2, within(1e-5f));
            float[] alone = model.infer(List.of(clip(4))).get(0).logits().get("last");
            assertThat(apart[3]).containsExactly(alone);
        }
    }

    @Test
    void headOfSeveralLevels_readsThemBehindEachOther_othersTheLastOne() throws IOException {
        Counter first = new Counter("first", List.of(0));
        Counter second = new Counter("second", List.of(1));
        Counter both = new Counter("both", List.of(0, 1));
        try (JepaModel model = open(new Counter("last", List.of()), first, second, both);
                JepaModel plain = open(new Counter("last", List.of()))) {
            Map<String, float[]> logits = model.infer(List.of(clip(7))).get(0).logits();
            assertThat(logits.get("both")[0]).isEqualTo(2 * TOKENS);
            assertThat(logits.get("both")[1])
                    .isCloseTo((logits.get("first")[1] + logits.get("second")[1]) / 2, within(1e-5f));
            assertThat(logits.get("last"))
                    .containsExactly(
                            plain.infer(List.of(clip(7))).get(0).logits().get("last"));
        }
    }

    @Test
    void clipsOfSeveralLengths_runInOneCall_upToSixtyFourFrames() throws IOException {
        try (JepaModel model = open(new Counter("last", List.of()))) {
            PixelClip brief = PixelClip.of(List.of(new byte[3072], new byte[3072]), 32);
            List<ClipResult> results = model.infer(List.of(clip(1), brief, clip(1)));
            assertThat(results.get(1).logits().get("last")[0]).isEqualTo(TOKENS / 2f);
            assertThat(results.get(2).vector()).containsExactly(results.get(0).vector());
            assertThat(model.takes(64)).isTrue();
            assertThat(model.takes(66)).isFalse();
            assertThat(model.takes(3)).isFalse();
        }
    }
}
