package io.jepastream.trainer.finetune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.jepastream.trainer.data.RandomView;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class MixingTest {
    private static final int SIDE = 6;
    private static final int LENGTH = 3 * 2 * SIDE * SIDE;

    private static byte[] noise(int clips) {
        byte[] pixels = new byte[clips * LENGTH];
        new SplittableRandom(9).nextBytes(pixels);
        return pixels;
    }

    /** Beta(a, a) has a mean of 1/2 and a variance of 1 / (4 (2a + 1)). */
    @ParameterizedTest
    @ValueSource(doubles = {0.2, 0.8, 1, 3})
    void shares_areOfTheBetaDistribution(double a) {
        SplittableRandom random = new SplittableRandom(1);
        int draws = 50_000;
        double sum = 0;
        double squares = 0;
        for (int i = 0; i < draws; i++) {
            double share = Mixing.beta(a, random);
            assertThat(share).isBetween(0.0, 1.0);
            sum += share;
            squares += share * share;
        }
        double mean = sum / draws;
        assertThat(mean).isCloseTo(0.5, within(0.01));
        assertThat(squares / draws - mean * mean).isCloseTo(1 / (4 * (2 * a + 1)), within(0.004));
    }

    @Test
    void aTinyA_givesNearlyWholeClips_andNoNonsense() {
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 2000; i++) {
            double share = Mixing.beta(1e-3, random);
            assertThat(share).isBetween(0.0, 1.0);
        }
    }

    @Test
    void mixup_isTheWeightedSum_withTheClipFromTheOtherEnd() {
        byte[] before = noise(3);
        byte[] pixels = before.clone();
        Mixing.mix(pixels, 3, SIDE, new Mixing.Drawn(0.7, false, new RandomView.Box(0, 0, 0, 0)));
        for (int i = 0; i < pixels.length; i++) {
            int other = (2 - i / LENGTH) * LENGTH + i % LENGTH;
            double wanted = 0.7 * (before[i] & 0xFF) + 0.3 * (before[other] & 0xFF);
            assertThat((double) (pixels[i] & 0xFF)).isCloseTo(wanted, within(0.501));
        }
    }

    @Test
    void cutMix_takesTheBoxFromTheOtherClip_inAllFrames() {
        byte[] before = noise(4);
        byte[] pixels = before.clone();
        RandomView.Box box = new RandomView.Box(1, 2, 3, 4);
        Mixing.mix(pixels, 4, SIDE, new Mixing.Drawn(1 - 12 / 36.0, true, box));
        for (int i = 0; i < pixels.length; i++) {
            int x = i % SIDE;
            int y = i / SIDE % SIDE;
            boolean inside = x >= 1 && x < 4 && y >= 2;
            int from = inside ? (3 - i / LENGTH) * LENGTH + i % LENGTH : i;
            assertThat(pixels[i]).as("byte %d", i).isEqualTo(before[from]);
        }
    }

    @Test
    void aBoxOverTheBorder_countsByWhatIsInside() {
        int border = 0;
        for (int seed = 0; seed < 2000; seed++) {
            Mixing.Drawn drawn = new Mixing(0, 1).draw(SIDE, new SplittableRandom(seed));
            RandomView.Box box = drawn.box();
            assertThat(drawn.cut()).isTrue();
            assertThat(box.left()).isBetween(0, SIDE - box.width());
            assertThat(box.top()).isBetween(0, SIDE - box.height());
            assertThat(drawn.own()).isCloseTo(1 - box.width() * box.height() / 36.0, within(1e-12));
            border += box.width() == box.height() ? 0 : 1;
        }
        assertThat(border).isPositive();
        // A quarter is to be exchanged: three pixels a side, one up to here and one from here on.
        RandomView.Box corner = Mixing.box(SIDE, 0.75, new Corner());
        assertThat(corner).isEqualTo(new RandomView.Box(0, 0, 1, 1));
        assertThat(new Mixing(0, 1000).draw(224, new SplittableRandom(2)).own()).isBetween(0.4, 0.8);
    }

    /** Draws the first pixel. */
    private static final class Corner implements java.util.random.RandomGenerator {
        @Override
        public long nextLong() {
            return 0;
        }
    }

    @Test
    void bothOn_areTakenEveryOtherTime() {
        SplittableRandom random = new SplittableRandom(3);
        int cut = 0;
        for (int i = 0; i < 4000; i++) {
            cut += new Mixing(0.8, 1).draw(SIDE, random).cut() ? 1 : 0;
        }
        assertThat(cut / 4000.0).isCloseTo(0.5, within(0.03));
        assertThat(new Mixing(0.8, 0).draw(SIDE, random).cut()).isFalse();
        assertThat(Mixing.NONE.draw(SIDE, random)).isEqualTo(Mixing.Drawn.NOTHING);
        assertThat(new Mixing(0.8, 1).draw(SIDE, new SplittableRandom(5)))
                .isEqualTo(new Mixing(0.8, 1).draw(SIDE, new SplittableRandom(5)));
    }

    @Test
    void targets_areMixedAsTheClipsAre() {
        assertThat(Mixing.targets(new int[] {0, 2, 1}, 3, 0.75))
                .containsExactly(0.75f, 0.25f, 0, 0, 0, 1, 0.25f, 0.75f, 0);
        assertThat(Mixing.targets(new int[] {1, 0}, 2, 1)).containsExactly(0, 1, 1, 0);
        assertThatThrownBy(() -> new Mixing(-1, 0)).hasMessageContaining("mixup: want 0 to 1000, got -1");
        assertThatThrownBy(() -> new Mixing(0, Double.NaN)).hasMessageContaining("cutmix: want 0 to 1000, got NaN");
    }

    @Test
    void droppedFeatures_areAsOftenAsSaid_andTheirMeanStays() {
        float[] keep = new HeadDropout(0.5).draw(20_000, new SplittableRandom(1));
        double sum = 0;
        for (float value : keep) {
            assertThat(value).isIn(0f, 2f);
            sum += value;
        }
        assertThat(sum / keep.length).isCloseTo(1, within(0.02));
        assertThat(new HeadDropout(0).draw(2, new SplittableRandom(1))).containsExactly(1, 1);
        assertThatThrownBy(() -> new HeadDropout(1)).hasMessageContaining("head-dropout: want 0 to below 1, got 1.0");
    }
}
