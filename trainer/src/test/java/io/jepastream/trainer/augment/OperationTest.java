package io.jepastream.trainer.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.jepastream.ingest.media.Picture;
import java.util.SplittableRandom;
import java.util.function.IntBinaryOperator;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Each operation by hand on a few pixels, against Pillow on a pattern, and its range. */
final class OperationTest {
    /** Grey pixels in a row: all three channels have these levels. */
    private static byte[] grey(int... levels) {
        byte[] planes = new byte[3 * levels.length];
        for (int i = 0; i < planes.length; i++) {
            planes[i] = (byte) levels[i % levels.length];
        }
        return planes;
    }

    /** Pixels in a row, {@code 0xRRGGBB} each. */
    private static byte[] colors(int... pixels) {
        byte[] planes = new byte[3 * pixels.length];
        for (int i = 0; i < planes.length; i++) {
            planes[i] = (byte) (pixels[i % pixels.length] >> (16 - 8 * (i / pixels.length)));
        }
        return planes;
    }

    private static Picture noise(int width, int height) {
        byte[] planes = new byte[3 * width * height];
        new SplittableRandom(3).nextBytes(planes);
        return new Picture(width, height, planes);
    }

    private static Picture pattern(int width, int height, int base, IntBinaryOperator level, int perChannel) {
        byte[] planes = new byte[3 * width * height];
        for (int i = 0; i < planes.length; i++) {
            int c = i / (width * height);
            int x = i % width;
            int y = i / width % height;
            planes[i] = (byte) (base + 31 * c + level.applyAsInt(x, y) + x * y * 11 % 23 + x * c % 5 * perChannel);
        }
        return new Picture(width, height, planes);
    }

    private static long sum(byte[] bytes) {
        CRC32 sum = new CRC32();
        sum.update(bytes);
        return sum.getValue();
    }

    @Test
    void tones_byHand() {
        assertThat(Tone.autoContrast(grey(50, 100, 150))).isEqualTo(grey(0, 127, 255));
        assertThat(Tone.autoContrast(grey(9, 9))).isEqualTo(grey(9, 9));
        assertThat(Tone.invert(grey(0, 100, 255))).isEqualTo(grey(255, 155, 0));
        assertThat(Tone.posterize(grey(0, 63, 64, 255), 2)).isEqualTo(grey(0, 0, 64, 192));
        assertThat(Tone.posterize(grey(7, 255), 8)).isEqualTo(grey(7, 255));
        assertThat(Tone.posterize(grey(7, 255), 0)).isEqualTo(grey(0, 0));
        assertThat(Tone.solarize(grey(76, 77, 255), 77)).isEqualTo(grey(76, 178, 0));
        assertThat(Tone.solarizeAdd(grey(0, 127, 128), 110)).isEqualTo(grey(110, 237, 128));
    }

    /** 255 pixels of 10 below 20: a step of 1, so 10 becomes 0 and 20 becomes 255. */
    @Test
    void equalize_byHand() {
        int[] levels = new int[260];
        int[] wanted = new int[260];
        for (int i = 0; i < 260; i++) {
            levels[i] = i < 255 ? 10 : 20;
            wanted[i] = i < 255 ? 0 : 255;
        }
        assertThat(Tone.equalize(grey(levels))).isEqualTo(grey(wanted));
        assertThat(Tone.equalize(grey(10, 20, 30)))
                .as("too few pixels for a step")
                .isEqualTo(grey(10, 20, 30));
    }

    /** 1.5 is whole in binary. Grey of pure red is 76, of 200, 100, 50 it is 124. */
    @Test
    void blends_byHand() {
        assertThat(Blend.brightness(grey(10, 101, 200), 1.5)).isEqualTo(grey(15, 151, 255));
        assertThat(Blend.brightness(grey(10, 101), 0.5)).isEqualTo(grey(5, 50));
        assertThat(Blend.color(colors(0xFF0000, 0xC86432), 0)).isEqualTo(grey(76, 124));
        assertThat(Blend.color(colors(0xC86432), 1.5)).isEqualTo(new byte[] {(byte) 238, 88, 13});
        assertThat(Blend.contrast(grey(100, 200), 0.5)).isEqualTo(grey(125, 175));
        assertThat(Blend.contrast(grey(100, 200), 1.5)).isEqualTo(grey(75, 225));
        byte[] dot = grey(0, 0, 0, 0, 130, 0, 0, 0, 0);
        assertThat(Blend.sharpness(dot, 3, 3, 0)).isEqualTo(grey(0, 0, 0, 0, 50, 0, 0, 0, 0));
        assertThat(Blend.sharpness(dot, 3, 3, 1.5)).isEqualTo(grey(0, 0, 0, 0, 170, 0, 0, 0, 0));
    }

    @Test
    void movesOfWholePixels_byHand() {
        byte[] row = grey(1, 2, 3, 4);
        assertThat(Affine.translation(1, 0).apply(row, 4, 1)).isEqualTo(grey(2, 3, 4, 128));
        assertThat(Affine.translation(-2, 0).apply(row, 4, 1)).isEqualTo(grey(128, 128, 1, 2));
        assertThat(Affine.translation(0, 1).apply(row, 2, 2)).isEqualTo(grey(3, 4, 128, 128));
        assertThat(Affine.rotation(90, 2, 2).apply(row, 2, 2)).isEqualTo(grey(2, 4, 1, 3));
        // Rows half a pixel and one and a half below the top slip by one and by three pixels.
        assertThat(Affine.shearX(2).apply(grey(1, 2, 3, 4, 5, 6, 7, 8), 4, 2))
                .isEqualTo(grey(2, 3, 4, 128, 8, 128, 128, 128));
        assertThat(Affine.shearY(2).apply(grey(1, 2, 3, 4, 5, 6, 7, 8), 2, 4))
                .isEqualTo(grey(3, 8, 5, 128, 7, 128, 128, 128));
    }

    /** Half way between two pixels a cubic of a = -1 takes 5/8 of each and -1/8 of those beyond; the border goes on as it is. */
    @Test
    void betweenPixels_aCubicIsTaken() {
        assertThat(Affine.translation(0.5, 0).apply(grey(80, 0, 80, 240), 4, 1)).isEqualTo(grey(30, 10, 170, 128));
    }

    @ParameterizedTest
    @CsvSource({
        "AUTO_CONTRAST, 1, 0, 1459967752",
        "EQUALIZE, 1, 0, 2695839255",
        "INVERT, 1, 0, 496772431",
        "ROTATE, 1, 21.0, 2835071874",
        "ROTATE, -1, -21.0, 2779762677",
        "POSTERIZE, 1, 2, 4293645124",
        "SOLARIZE, 1, 77, 2143572201",
        "SOLARIZE_ADD, 1, 77, 3402780329",
        "COLOR, 1, 1.63, 2213120628",
        "COLOR, -1, 0.37, 3112941139",
        "CONTRAST, 1, 1.63, 2749518413",
        "CONTRAST, -1, 0.37, 174775819",
        "BRIGHTNESS, 1, 1.63, 2130586630",
        "BRIGHTNESS, -1, 0.37, 796923628",
        "SHARPNESS, 1, 1.63, 3503472159",
        "SHARPNESS, -1, 0.37, 1930935564",
        "SHEAR_X, 1, 0.21, 3063881028",
        "SHEAR_X, -1, -0.21, 4286797535",
        "SHEAR_Y, 1, 0.21, 1476171762",
        "SHEAR_Y, -1, -0.21, 2067873823",
        "TRANSLATE_X, 1, 0.315, 175225747",
        "TRANSLATE_X, -1, -0.315, 1440217248",
        "TRANSLATE_Y, 1, 0.315, 290680255",
        "TRANSLATE_Y, -1, -0.315, 1621608731",
    })
    void magnitudeSeven_isWhatPillowGives(Operation operation, int sign, double argument, long sum) {
        assertThat(operation.argument(7, sign)).isCloseTo(argument, within(1e-12));
        Picture pattern = pattern(17, 13, 40, (x, y) -> 9 * x + 7 * y, 1);
        assertThat(sum(operation.apply(pattern, operation.argument(7, sign)).planes()))
                .isEqualTo(sum);
    }

    @Test
    void equalize_ofManyPixels_isWhatPillowGives() {
        Picture pattern = pattern(64, 48, 20, (x, y) -> 2 * x + y, 0);
        assertThat(sum(Tone.equalize(pattern.planes()))).isEqualTo(3530834342L);
    }

    @ParameterizedTest
    @EnumSource(
            value = Operation.class,
            mode = EnumSource.Mode.EXCLUDE,
            names = {"AUTO_CONTRAST", "EQUALIZE", "INVERT", "POSTERIZE"})
    void magnitudeZero_changesNothing(Operation operation) {
        Picture noise = noise(11, 7);
        for (int sign = -1; sign <= 1; sign += 2) {
            assertThat(operation.apply(noise, operation.argument(0, sign)).planes())
                    .isEqualTo(noise.planes());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "ROTATE, 0, -30, 30",
        "POSTERIZE, 4, 0, 0",
        "SOLARIZE, 256, 0, 0",
        "SOLARIZE_ADD, 0, 110, 110",
        "COLOR, 1, 0.1, 1.9",
        "CONTRAST, 1, 0.1, 1.9",
        "BRIGHTNESS, 1, 0.1, 1.9",
        "SHARPNESS, 1, 0.1, 1.9",
        "SHEAR_X, 0, -0.3, 0.3",
        "SHEAR_Y, 0, -0.3, 0.3",
        "TRANSLATE_X, 0, -0.45, 0.45",
        "TRANSLATE_Y, 0, -0.45, 0.45",
        "INVERT, 0, 0, 0",
    })
    void argumentsReach_fromZeroToTheirEnds(Operation operation, double none, double least, double most) {
        assertThat(operation.argument(0, 1)).isEqualTo(none);
        assertThat(operation.argument(10, -1)).isCloseTo(least, within(1e-12));
        assertThat(operation.argument(10, 1)).isCloseTo(most, within(1e-12));
    }

    @ParameterizedTest
    @EnumSource(Operation.class)
    void pictures_stayAsTheyAre_andTinyOnesWork(Operation operation) {
        for (int side = 1; side < 5; side++) {
            Picture noise = noise(side, 5 - side);
            byte[] before = noise.planes().clone();
            for (double magnitude = 0; magnitude <= 10; magnitude += 2.5) {
                Picture changed = operation.apply(noise, operation.argument(magnitude, -1));
                assertThat(changed.width()).isEqualTo(side);
                assertThat(changed.height()).isEqualTo(5 - side);
            }
            assertThat(noise.planes()).isEqualTo(before);
        }
    }
}
