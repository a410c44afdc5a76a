package io.jepastream.ingest.synth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jepastream.ingest.media.Picture;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class MotionSceneTest {
    private static final int WIDTH = 171;
    private static final int HEIGHT = 128;

    @ParameterizedTest
    @EnumSource(CameraMotion.class)
    void samePictureForTheSameSeedMotionAndTime(CameraMotion motion) {
        MotionScene scene = MotionScene.of(motion, 5);
        byte[] first = scene.render(1.25, WIDTH, HEIGHT).planes();
        scene.render(2, 64, 48);
        assertThat(scene.render(1.25, WIDTH, HEIGHT).planes()).isEqualTo(first);
        assertThat(MotionScene.of(motion, 5).render(1.25, WIDTH, HEIGHT).planes())
                .isEqualTo(first);
        assertThat(MotionScene.of(motion, 6).render(1.25, WIDTH, HEIGHT).planes())
                .isNotEqualTo(first);
    }

    @Test
    void worldsOfGrainAreGrey_andLookAlike() {
        for (long seed = 0; seed < 20; seed++) {
            byte[] planes = MotionScene.of(CameraMotion.STATIC, seed, Surface.GRAIN)
                    .render(1, WIDTH, HEIGHT)
                    .planes();
            int size = WIDTH * HEIGHT;
            double sum = 0;
            double squares = 0;
            for (int i = 0; i < size; i++) {
                int red = planes[i] & 0xFF;
                assertThat(Math.abs(red - (planes[2 * size + i] & 0xFF))).isLessThanOrEqualTo(12);
                sum += red;
                squares += red * red;
            }
            double mean = sum / size;
            assertThat(mean).isBetween(108.0, 148.0);
            assertThat(Math.sqrt(squares / size - mean * mean)).isBetween(40.0, 75.0);
        }
    }

    /**
     * The later picture must look like the earlier one warped as the motion says, more than like its opposite and more
     * than like no motion at all; a few worlds, striped along the motion or covered by a moving shape, may disagree.
     */
    @ParameterizedTest
    @CsvSource({
        "PAN_RIGHT,1,0,0",
        "PAN_LEFT,-1,0,0",
        "TILT_DOWN,0,1,0",
        "TILT_UP,0,-1,0",
        "ZOOM_IN,0,0,-1",
        "ZOOM_OUT,0,0,1",
    })
    void contentMovesAgainstTheCamera(CameraMotion motion, int right, int down, int wider) {
        int agreeing = 0;
        for (long seed = 0; seed < 40; seed++) {
            MotionScene scene = MotionScene.of(motion, seed);
            Picture before = scene.render(1, WIDTH, HEIGHT);
            Picture after = scene.render(1.2, WIDTH, HEIGHT);
            double still = warpError(before, after, 0, 0, 1);
            double best = Double.MAX_VALUE;
            double opposite = Double.MAX_VALUE;
            for (int step = 1; step <= 16; step++) {
                double scale = 1 + 0.006 * step * wider;
                best = Math.min(best, warpError(before, after, right * step, down * step, scale));
                opposite = Math.min(opposite, warpError(before, after, -right * step, -down * step, 1 / scale));
            }
            if (best < still && best < opposite) {
                agreeing++;
            }
        }
        assertThat(agreeing).as("worlds of 40 that agree").isGreaterThanOrEqualTo(35);
    }

    /** Mean difference of the green planes' middles: after(p) against before(centre + scale (p - centre) + shift). */
    private static double warpError(Picture before, Picture after, int shiftX, int shiftY, double scale) {
        long sum = 0;
        int count = 0;
        for (int y = 20; y < HEIGHT - 20; y++) {
            for (int x = 20; x < WIDTH - 20; x++) {
                int fromX = (int) Math.round(85 + scale * (x - 85)) + shiftX;
                int fromY = (int) Math.round(63.5 + scale * (y - 63.5)) + shiftY;
                int a = before.planes()[WIDTH * HEIGHT + fromY * WIDTH + fromX] & 0xFF;
                int b = after.planes()[WIDTH * HEIGHT + y * WIDTH + x] & 0xFF;
                sum += Math.abs(a - b);
                count++;
            }
        }
        return (double) sum / count;
    }

    @Test
    void staticCamera_hasAStillWorldBehindWhatMoves() {
        int moving = 0;
        for (long seed = 0; seed < 40; seed++) {
            MotionScene scene = MotionScene.of(CameraMotion.STATIC, seed);
            byte[] before = scene.render(0, WIDTH, HEIGHT).planes();
            byte[] after = scene.render(2, WIDTH, HEIGHT).planes();
            int changed = 0;
            for (int i = 0; i < before.length; i++) {
                // More than flicker of 6 % both ways and noise of 5 levels both ways can do.
                changed += Math.abs((before[i] & 0xFF) - (after[i] & 0xFF)) > 42 ? 1 : 0;
            }
            assertThat(changed).as("changed values, seed %d", seed).isLessThan(before.length / 2);
            moving += changed > before.length / 200 ? 1 : 0;
        }
        assertThat(moving).as("scenes of 40 with something moving").isBetween(8, 36);
    }

    @Test
    void everyWorldHasSomethingToSee() {
        for (long seed = 0; seed < 60; seed++) {
            byte[] planes = MotionScene.of(CameraMotion.STATIC, seed)
                    .render(0, WIDTH, HEIGHT)
                    .planes();
            double sum = 0;
            double squares = 0;
            for (byte value : planes) {
                sum += value & 0xFF;
                squares += (value & 0xFF) * (value & 0xFF);
            }
            double mean = sum / planes.length;
            assertThat(Math.sqrt(squares / planes.length - mean * mean))
                    .as("deviation, seed %d", seed)
                    .isGreaterThan(3);
        }
    }

    @Test
    void motionNames_areUnderstoodInEveryForm() {
        Set<String> labels = new HashSet<>();
        for (CameraMotion motion : CameraMotion.values()) {
            assertThat(CameraMotion.parse(motion.label())).isEqualTo(motion);
            assertThat(CameraMotion.parse(motion.name())).isEqualTo(motion);
            assertThat(CameraMotion.parse(motion.label().replace(' ', '-'))).isEqualTo(motion);
            labels.add(motion.label());
        }
        assertThat(labels).hasSize(9).contains("pan left", "static");
        assertThatThrownBy(() -> CameraMotion.parse("dolly"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("pan-left")
                .hasMessageContaining("'dolly'");
    }
}
