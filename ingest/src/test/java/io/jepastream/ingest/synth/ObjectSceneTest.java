package io.jepastream.ingest.synth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.jepastream.ingest.media.Picture;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class ObjectSceneTest {
    private static final double SECONDS = 3;

    private static byte[] planes(ObjectMotion motion, long seed, double at) {
        return ObjectScene.of(motion, seed, SECONDS).render(at, 64, 48).planes();
    }

    @ParameterizedTest
    @EnumSource(
            value = ObjectMotion.class,
            names = {"COLLIDE", "PASS"},
            mode = EnumSource.Mode.EXCLUDE)
    void backwards_aSceneIsThatOfTheOtherClass(ObjectMotion motion) {
        assertThat(motion.reverseOf().reverseOf()).isEqualTo(motion);
        assertThat(motion.isBackwards()).isNotEqualTo(motion.reverseOf().isBackwards());
        for (int seed = 0; seed < 3; seed++) {
            ObjectScene scene = ObjectScene.of(motion, seed, SECONDS);
            ObjectScene reverse = ObjectScene.of(motion.reverseOf(), seed, SECONDS);
            for (int frame = 0; frame <= 24; frame += 6) {
                assertThat(scene.render(frame / 8.0, 64, 48).planes())
                        .isEqualTo(reverse.render(SECONDS - frame / 8.0, 64, 48).planes());
            }
            assertThat(scene.render(0, 64, 48).planes())
                    .isNotEqualTo(scene.render(1, 64, 48).planes());
        }
    }

    @Test
    void meeting_looksTheSame_untilItHappens_andExchangedAfter() {
        int different = 0;
        for (int seed = 0; seed < 8; seed++) {
            assertThat(planes(ObjectMotion.COLLIDE, seed, 0)).isEqualTo(planes(ObjectMotion.PASS, seed, 0));
            assertThat(planes(ObjectMotion.COLLIDE, seed, 1)).isEqualTo(planes(ObjectMotion.PASS, seed, 1));
            byte[] end = planes(ObjectMotion.COLLIDE, seed, SECONDS);
            different += java.util.Arrays.equals(end, planes(ObjectMotion.PASS, seed, SECONDS)) ? 0 : 1;
        }
        assertThat(different).isEqualTo(8);
    }

    /** The averages of measures of all things at a moment over many scenes. */
    private static double[] means(ObjectMotion motion, double at, List<ToDoubleFunction<Sprite.Place>> measures) {
        double[] sums = new double[measures.size()];
        int count = 0;
        for (int seed = 0; seed < 5000; seed++) {
            Random random = new Random(seed * 7919L + motion.name().hashCode());
            for (Sprite.Place place : new ObjectPath(motion, random, SECONDS).at(at, 0.667, 0.5)) {
                for (int i = 0; i < sums.length; i++) {
                    sums[i] += measures.get(i).applyAsDouble(place);
                }
                count++;
            }
        }
        int things = count;
        return Arrays.stream(sums).map(sum -> sum / things).toArray();
    }

    @ParameterizedTest
    @EnumSource(ObjectMotion.class)
    void atAnyMoment_placesAndSizesAreDistributedAlike_inBothClassesOfAPair(ObjectMotion motion) {
        ObjectMotion other = motion == ObjectMotion.COLLIDE ? ObjectMotion.PASS : motion.reverseOf();
        List<ToDoubleFunction<Sprite.Place>> measures = List.of(
                Sprite.Place::x,
                Sprite.Place::y,
                place -> 5 * place.size(),
                Sprite.Place::weight,
                place -> place.x() * place.x(),
                place -> place.y() * place.y(),
                place -> place.x() * place.y(),
                place -> Math.cos(place.angle()),
                place -> Math.sin(place.angle()));
        for (double at : new double[] {0, 0.7, SECONDS}) {
            assertThat(means(motion, at, measures)).containsExactly(means(other, at, measures), within(0.04));
        }
    }

    @Test
    void namesSayWhatIsSeen() {
        ObjectPath right = new ObjectPath(ObjectMotion.MOVE_RIGHT, new Random(4), SECONDS);
        double before = right.at(0, 50, 50).get(0).x();
        assertThat(right.at(0.1, 50, 50).get(0).x()).isGreaterThan(before);
        ObjectPath down = new ObjectPath(ObjectMotion.MOVE_DOWN, new Random(4), SECONDS);
        assertThat(down.at(0.1, 50, 50).get(0).y())
                .isGreaterThan(down.at(0, 50, 50).get(0).y());
        int nearer = 0;
        for (int seed = 0; seed < 100; seed++) {
            ObjectPath approach = new ObjectPath(ObjectMotion.APPROACH, new Random(seed), SECONDS);
            nearer += approach.at(0.1, 0.5, 0.5).get(0).size()
                            > approach.at(0, 0.5, 0.5).get(0).size()
                    ? 1
                    : 0;
        }
        assertThat(nearer).isGreaterThan(95);
        ObjectPath clockwise = new ObjectPath(ObjectMotion.TURN_CLOCKWISE, new Random(4), SECONDS);
        assertThat(clockwise.at(0.1, 0.5, 0.5).get(0).angle())
                .isGreaterThan(clockwise.at(0, 0.5, 0.5).get(0).angle());
        assertThat(ObjectMotion.TURN_COUNTERCLOCKWISE.label()).isEqualTo("turn-counterclockwise");
    }

    /** A dot right of the middle goes down when its sprite turns clockwise: y points down. */
    @Test
    void positiveAngles_turnClockwiseAsSeen() {
        Sprite.Place straight = new Sprite.Place(0, 0, 0.4, 0, 1);
        for (int seed = 0; seed < 60; seed++) {
            int[] before = new int[64 * 64];
            int[] after = new int[64 * 64];
            Sprite sprite = new Sprite(new Random(seed));
            sprite.paint(straight, 64, 64, before);
            sprite.paint(new Sprite.Place(0, 0, 0.4, Math.PI / 2, 1), 64, 64, after);
            int different = 0;
            for (int y = 0; y < 64; y++) {
                for (int x = 0; x < 64; x++) {
                    different += after[x * 64 + 63 - y] == before[y * 64 + x] ? 0 : 1;
                }
            }
            assertThat(different)
                    .as("seed %d: pixels off by the rounding at edges", seed)
                    .isLessThan(40);
        }
    }

    @Test
    void sameSeed_givesTheSamePictures_anotherSeedOthers() {
        Picture first = ObjectScene.of(ObjectMotion.PASS, 5, 2).render(0.3, 128, 96);
        assertThat(ObjectScene.of(ObjectMotion.PASS, 5, 2).render(0.3, 128, 96).planes())
                .isEqualTo(first.planes());
        assertThat(ObjectScene.of(ObjectMotion.PASS, 6, 2).render(0.3, 128, 96).planes())
                .isNotEqualTo(first.planes());
        assertThatThrownBy(() -> ObjectScene.of(ObjectMotion.PASS, 5, 0)).hasMessageContaining("got 0.0");
    }
}
