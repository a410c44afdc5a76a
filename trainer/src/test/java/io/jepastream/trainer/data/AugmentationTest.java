package io.jepastream.trainer.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.jepastream.encoder.EvalTransform;
import io.jepastream.ingest.media.Picture;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class AugmentationTest {
    private static Picture noise(int width, int height, long seed) {
        byte[] planes = new byte[3 * width * height];
        new SplittableRandom(seed).nextBytes(planes);
        return new Picture(width, height, planes);
    }

    /** The formula of the definition, one pixel at a time. */
    private static double bilinear(Picture from, int channel, RandomView.Box box, int crop, int x, int y) {
        double u = Math.max(0, (x + 0.5) * box.width() / crop - 0.5);
        double v = Math.max(0, (y + 0.5) * box.height() / crop - 0.5);
        double sum = 0;
        for (int dy = 0; dy < 2; dy++) {
            for (int dx = 0; dx < 2; dx++) {
                int column = box.left() + Math.min((int) u + dx, box.width() - 1);
                int row = box.top() + Math.min((int) v + dy, box.height() - 1);
                double share =
                        (dx == 0 ? 1 - (u - (int) u) : u - (int) u) * (dy == 0 ? 1 - (v - (int) v) : v - (int) v);
                int level = from.planes()[(channel * from.height() + row) * from.width() + column] & 0xFF;
                sum += share * level;
            }
        }
        return sum;
    }

    @Test
    void randomView_isTheDefinition_roundedToWholeLevels() {
        for (int seed = 0; seed < 60; seed++) {
            SplittableRandom sizes = new SplittableRandom(seed);
            int crop = 1 + sizes.nextInt(37);
            List<Picture> frames = List.of(noise(3 + sizes.nextInt(60), 3 + sizes.nextInt(40), seed));
            frames = List.of(
                    frames.get(0), noise(frames.get(0).width(), frames.get(0).height(), seed + 1000));
            RandomView view = RandomView.of(crop, true);
            byte[] got = view.apply(frames, new SplittableRandom(seed));
            SplittableRandom again = new SplittableRandom(seed);
            RandomView.Box box = view.box(frames.get(0).width(), frames.get(0).height(), again);
            boolean mirrored = again.nextBoolean();
            for (int i = 0; i < got.length; i++) {
                int x = mirrored ? crop - 1 - i % crop : i % crop;
                int t = i / crop / crop % 2;
                double wanted = bilinear(frames.get(t), i / crop / crop / 2, box, crop, x, i / crop % crop);
                assertThat((double) (got[i] & 0xFF))
                        .as("seed %d byte %d", seed, i)
                        .isCloseTo(wanted, within(0.51));
            }
        }
    }

    @Test
    void boxes_lieInThePicture_withinTheRanges() {
        RandomView view = RandomView.of(64, false);
        SplittableRandom random = new SplittableRandom(1);
        double least = 1;
        double most = 0;
        for (int i = 0; i < 10_000; i++) {
            RandomView.Box box = view.box(98, 74, random);
            assertThat(box.left()).isBetween(0, 98 - box.width());
            assertThat(box.top()).isBetween(0, 74 - box.height());
            double area = box.width() * box.height() / (98.0 * 74);
            double ratio = (double) box.width() / box.height();
            assertThat(ratio).isBetween(0.72, 1.4);
            least = Math.min(least, area);
            most = Math.max(most, area);
        }
        assertThat(least).isBetween(0.28, 0.32);
        assertThat(most).isGreaterThan(0.9);
    }

    @Test
    void pictureTooLongForAnyBox_givesItsMiddle() {
        RandomView view = RandomView.of(16, false);
        assertThat(view.box(400, 10, new SplittableRandom(3))).isEqualTo(new RandomView.Box(193, 0, 14, 10));
        assertThat(view.box(10, 400, new SplittableRandom(3))).isEqualTo(new RandomView.Box(0, 193, 10, 13));
        assertThat(view.box(1, 1, new SplittableRandom(3))).isEqualTo(new RandomView.Box(0, 0, 1, 1));
    }

    @Test
    void evaluation_isTheCentreView_frameByFrame() {
        List<Picture> frames = List.of(noise(90, 70, 1), noise(90, 70, 2));
        byte[] got = Augmentation.evaluation(32).apply(frames, new SplittableRandom(1));
        byte[] second = new EvalTransform(32).view(frames.get(1).planes(), 90, 70);
        for (int c = 0; c < 3; c++) {
            byte[] plane = java.util.Arrays.copyOfRange(got, (2 * c + 1) * 1024, (2 * c + 2) * 1024);
            assertThat(plane).isEqualTo(java.util.Arrays.copyOfRange(second, c * 1024, (c + 1) * 1024));
        }
    }

    @Test
    void aPictureThatComesTwice_isTheSameTwice() {
        Picture one = noise(50, 40, 1);
        byte[] got = Augmentation.pretraining(16).apply(List.of(one, one), new SplittableRandom(4));
        byte[] apart = Augmentation.pretraining(16)
                .apply(List.of(one, new Picture(50, 40, one.planes())), new SplittableRandom(4));
        assertThat(got).isEqualTo(apart);
    }

    @Test
    void whatCannotBe_isSaid() {
        assertThatThrownBy(() -> new RandomView(0, 0.3, 1, 0.75, 1.35, true)).hasMessageContaining("crop: want");
        assertThatThrownBy(() -> new RandomView(8, 0.3, 1.1, 0.75, 1.35, true)).hasMessageContaining("area: want");
        assertThatThrownBy(() -> new RandomView(8, 0.3, 1, 2, 1, true)).hasMessageContaining("ratio: want");
        assertThatThrownBy(() ->
                        RandomView.of(8, true).apply(List.of(noise(9, 9, 1), noise(9, 10, 1)), new SplittableRandom(1)))
                .hasMessageContaining("want frames of one size, got 9x9 and 9x10");
    }
}
