package io.jepastream.trainer.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.jepastream.ingest.media.Picture;
import io.jepastream.trainer.data.RandomView;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TrainingViewTest {
    private static final RandAugment RECIPE = RandAugment.named("rand-m7-n4-mstd0.5-inc1");

    private static Picture noise(int width, int height, long seed) {
        byte[] planes = new byte[3 * width * height];
        new SplittableRandom(seed).nextBytes(planes);
        return new Picture(width, height, planes);
    }

    @Test
    void notation_isTimms() {
        assertThat(RECIPE).isEqualTo(new RandAugment(7, 4, 0.5));
        assertThat(RandAugment.named("m7-n4")).isEqualTo(RECIPE);
        assertThat(RandAugment.named("m2.5-n3-mstd0")).isEqualTo(new RandAugment(2.5, 3, 0));
        assertThat(RandAugment.named("none")).isEqualTo(RandAugment.NONE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"m7", "n4-m7", "m7-n4-inc0", "", "m11-n1", "m7-n21"})
    void otherNotation_isRefused(String text) {
        assertThatThrownBy(() -> RandAugment.named(text)).hasMessageStartingWith("rand-augment: want");
    }

    @Test
    void everyOperation_comesAsOften_andEveryOtherTime_atMagnitudesRoundSeven() {
        Map<Operation, Integer> counts = new EnumMap<>(Operation.class);
        List<Double> turns = new ArrayList<>();
        SplittableRandom random = new SplittableRandom(1);
        int clips = 30_000;
        for (int i = 0; i < clips; i++) {
            for (RandAugment.Drawn drawn : RECIPE.draw(random)) {
                counts.merge(drawn.operation(), 1, Integer::sum);
                if (drawn.operation() == Operation.ROTATE) {
                    turns.add(drawn.argument());
                }
            }
        }
        // 4 draws of 15, each done with 0.5: 0.1333 a clip
        counts.forEach((operation, count) ->
                assertThat(count / (double) clips).as(operation.name()).isCloseTo(0.1333, within(0.008)));
        assertThat(counts).hasSize(15);
        assertThat(turns.stream().filter(turn -> turn > 0).count() / (double) turns.size())
                .isCloseTo(0.5, within(0.03));
        double mean = turns.stream().mapToDouble(Math::abs).average().orElse(0);
        double square =
                turns.stream().mapToDouble(turn -> turn * turn).average().orElse(0);
        assertThat(mean).isCloseTo(21, within(0.15));
        assertThat(Math.sqrt(square - mean * mean)).isCloseTo(1.5, within(0.1));
        assertThat(turns).allMatch(turn -> Math.abs(turn) <= 30);
    }

    @Test
    void magnitudes_stayWithinZeroAndTen() {
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 2000; i++) {
            for (RandAugment.Drawn drawn : new RandAugment(9, 2, 5).draw(random)) {
                if (drawn.operation() == Operation.BRIGHTNESS) {
                    assertThat(drawn.argument()).isBetween(0.1 - 1e-9, 1.9 + 1e-9);
                } else if (drawn.operation() == Operation.POSTERIZE) {
                    assertThat(drawn.argument()).isBetween(0.0, 4.0);
                }
            }
        }
    }

    @Test
    void oneDraw_isForAllFramesOfAClip() {
        Picture one = noise(20, 16, 1);
        Picture two = noise(20, 16, 2);
        for (int seed = 0; seed < 50; seed++) {
            List<Picture> clip = RECIPE.apply(List.of(one, one, two), new SplittableRandom(seed));
            List<Picture> alone = RECIPE.apply(List.of(two), new SplittableRandom(seed));
            assertThat(clip.get(1)).isSameAs(clip.get(0));
            assertThat(clip.get(2).planes()).isEqualTo(alone.get(0).planes());
        }
    }

    @Test
    void boxes_areSmallerThanThePicture_andOfTheRangesAreas() {
        SplittableRandom random = new SplittableRandom(1);
        double least = 1;
        double most = 0;
        for (int i = 0; i < 5000; i++) {
            RandomView.Box box = new Erasing(1).box(64, random).orElseThrow();
            assertThat(box.width()).isBetween(1, 63);
            assertThat(box.height()).isBetween(1, 63);
            assertThat(box.left()).isBetween(0, 64 - box.width());
            assertThat(box.top()).isBetween(0, 64 - box.height());
            double area = box.width() * box.height() / 4096.0;
            least = Math.min(least, area);
            most = Math.max(most, area);
        }
        assertThat(least).isBetween(0.018, 0.022);
        assertThat(most).isBetween(0.32, 0.345);
        assertThat(new Erasing(1).box(1, random)).isEmpty();
    }

    @Test
    void erasing_fillsOneBoxOfAllFrames_withNoiseOfTheirMeanAndDeviation() {
        int side = 40;
        int frames = 3;
        byte[] clip = new byte[2 + 3 * frames * side * side];
        int erased = 0;
        for (int seed = 0; seed < 400; seed++) {
            java.util.Arrays.fill(clip, (byte) 0);
            SplittableRandom random = new SplittableRandom(seed);
            new Erasing(0.25).apply(clip, 2, frames, side, random);
            assertThat(clip[0] + clip[1]).isZero();
            int first = changed(clip, 2, side * side);
            if (first > 0) {
                erased++;
                double sum = 0;
                for (int plane = 0; plane < 3 * frames; plane++) {
                    // A level of 0 may be drawn too, so counts differ a little; the box does not.
                    assertThat(changed(clip, 2 + plane * side * side, side * side))
                            .isCloseTo(first, within(8 + first / 10));
                    sum += plane / frames == 1 ? mean(clip, 2 + plane * side * side, side * side) : 0;
                }
                if (first > 300) {
                    assertThat(sum / frames).as("green, of 0.456").isCloseTo(117, within(12.0));
                }
            }
        }
        assertThat(erased / 400.0).isCloseTo(0.25, within(0.06));
    }

    private static int changed(byte[] clip, int from, int count) {
        int changed = 0;
        for (int i = from; i < from + count; i++) {
            changed += clip[i] == 0 ? 0 : 1;
        }
        return changed;
    }

    /** Of what is not 0. */
    private static double mean(byte[] clip, int from, int count) {
        double sum = 0;
        for (int i = from; i < from + count; i++) {
            sum += clip[i] & 0xFF;
        }
        return sum / changed(clip, from, count);
    }

    @Test
    void withoutOperations_itIsTheCrop_andDrawsNoMore() {
        List<Picture> frames = List.of(noise(50, 40, 1), noise(50, 40, 2));
        RandomView crop = RandomView.of(16, true);
        SplittableRandom one = new SplittableRandom(4);
        SplittableRandom other = new SplittableRandom(4);
        assertThat(TrainingView.of(crop).apply(frames, one)).isEqualTo(crop.apply(frames, other));
        assertThat(one.nextLong()).isEqualTo(other.nextLong());
    }

    @Test
    void theSameSeed_givesTheSameClip_andAnotherAnother() {
        List<Picture> frames = List.of(noise(50, 40, 1), noise(50, 40, 2));
        TrainingView view = new TrainingView(RandomView.of(16, false), RECIPE, new Erasing(0.25));
        byte[] clip = view.apply(frames, new SplittableRandom(4));
        assertThat(view.apply(frames, new SplittableRandom(4))).isEqualTo(clip);
        assertThat(view.apply(frames, new SplittableRandom(5))).isNotEqualTo(clip);
        assertThatThrownBy(() -> new Erasing(1.1)).hasMessageContaining("erase: want a probability of 0 to 1, got 1.1");
    }
}
