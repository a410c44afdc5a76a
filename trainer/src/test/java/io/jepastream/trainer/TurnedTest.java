package io.jepastream.trainer;

import static org.assertj.core.api.Assertions.assertThat;

import io.jepastream.ingest.synth.CameraMotion;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class TurnedTest {
    private static final int SIZE = 16;
    private static final int FRAMES = 4;

    /** A dot that wanders as the scene does under the motion; turned anew, it must wander as the new label says. */
    @ParameterizedTest
    @EnumSource(names = {"PAN_LEFT", "PAN_RIGHT", "TILT_UP", "TILT_DOWN"})
    void movingDot_keepsTrueToItsLabel(CameraMotion motion) {
        for (int seed = 0; seed < 64; seed++) {
            Turned turned = new Turned(new SplittableRandom(seed));
            byte[] out = new byte[3 * FRAMES * SIZE * SIZE];
            turned.copy(dot(motion), FRAMES, SIZE, out, 0);
            int label = turned.label(MotionClips.MOTIONS.indexOf(motion));
            int first = brightest(out, 0);
            int last = brightest(out, FRAMES - 1);
            int[] moved = {last % SIZE - first % SIZE, Math.floorDiv(last, SIZE) - Math.floorDiv(first, SIZE)};
            assertThat(moved).as("seed %d", seed).containsExactly(way(MotionClips.MOTIONS.get(label), 3));
        }
    }

    private static int[] way(CameraMotion motion, int length) {
        return switch (motion) { // what is seen moves against the camera
            case PAN_LEFT -> new int[] {length, 0};
            case PAN_RIGHT -> new int[] {-length, 0};
            case TILT_UP -> new int[] {0, length};
            case TILT_DOWN -> new int[] {0, -length};
            case STATIC, ZOOM_IN, ZOOM_OUT, ROLL, SHAKE -> new int[] {0, 0};
        };
    }

    private static byte[] dot(CameraMotion motion) {
        byte[] clip = new byte[3 * FRAMES * SIZE * SIZE];
        for (int c = 0; c < 3; c++) {
            for (int t = 0; t < FRAMES; t++) {
                int[] way = way(motion, t);
                int at = (7 + way[1]) * SIZE + 6 + way[0];
                clip[(c * FRAMES + t) * SIZE * SIZE + at] = (byte) 255;
            }
        }
        return clip;
    }

    private static int brightest(byte[] clip, int frame) {
        int best = 0;
        for (int i = 1; i < SIZE * SIZE; i++) {
            int plane = frame * SIZE * SIZE;
            if ((clip[plane + i] & 0xFF) > (clip[plane + best] & 0xFF)) {
                best = i;
            }
        }
        return best;
    }
}
