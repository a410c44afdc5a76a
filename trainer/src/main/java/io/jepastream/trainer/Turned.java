package io.jepastream.trainer;

import io.jepastream.ingest.synth.CameraMotion;
import java.util.SplittableRandom;

/**
 * One of the sixteen ways to see a clip anew: mirrored left to right, top to bottom, about the diagonal, and backwards
 * in time, with the label that then is true; plus a change of brightness, contrast and colour.
 */
final class Turned {
    private final boolean mirrored;
    private final boolean flipped;
    private final boolean transposed;
    private final boolean backwards;
    private final byte[][] tone = new byte[3][256];

    Turned(SplittableRandom random) {
        mirrored = random.nextBoolean();
        flipped = random.nextBoolean();
        transposed = random.nextBoolean();
        backwards = random.nextBoolean();
        double contrast = 0.6 + 0.8 * random.nextDouble();
        double brightness = 60 * (random.nextDouble() - 0.5);
        for (byte[] curve : tone) {
            double gain = contrast * (0.85 + 0.3 * random.nextDouble());
            for (int i = 0; i < curve.length; i++) {
                curve[i] = (byte) Math.max(0, Math.min(255, Math.round((i - 128) * gain + 128 + brightness)));
            }
        }
    }

    /** The motion seen after the transposition, then the mirrors, then the reversal of time. */
    int label(int label) {
        CameraMotion motion = MotionClips.MOTIONS.get(label);
        if (transposed) {
            motion = switch (motion) {
                case PAN_LEFT -> CameraMotion.TILT_UP;
                case PAN_RIGHT -> CameraMotion.TILT_DOWN;
                case TILT_UP -> CameraMotion.PAN_LEFT;
                case TILT_DOWN -> CameraMotion.PAN_RIGHT;
                case STATIC, ZOOM_IN, ZOOM_OUT, ROLL, SHAKE -> motion;
            };
        }
        return switch (motion) {
            case PAN_LEFT -> pick(mirrored != backwards, CameraMotion.PAN_RIGHT, motion);
            case PAN_RIGHT -> pick(mirrored != backwards, CameraMotion.PAN_LEFT, motion);
            case TILT_UP -> pick(flipped != backwards, CameraMotion.TILT_DOWN, motion);
            case TILT_DOWN -> pick(flipped != backwards, CameraMotion.TILT_UP, motion);
            case ZOOM_IN -> pick(backwards, CameraMotion.ZOOM_OUT, motion);
            case ZOOM_OUT -> pick(backwards, CameraMotion.ZOOM_IN, motion);
            case STATIC, ROLL, SHAKE -> MotionClips.MOTIONS.indexOf(motion);
        };
    }

    private static int pick(boolean swapped, CameraMotion other, CameraMotion same) {
        return MotionClips.MOTIONS.indexOf(swapped ? other : same);
    }

    /** Copies {@code [3, T, S, S]} from {@code clip} to {@code out} at {@code to}, seen this way. */
    void copy(byte[] clip, int frames, int size, byte[] out, int to) {
        int plane = size * size;
        int stepX = transposed ? size : 1;
        int stepY = transposed ? 1 : size;
        for (int c = 0; c < 3; c++) {
            byte[] curve = tone[c];
            for (int t = 0; t < frames; t++) {
                int from = (c * frames + (backwards ? frames - 1 - t : t)) * plane;
                int at = to + (c * frames + t) * plane;
                for (int y = 0; y < size; y++) {
                    int row = from + (flipped ? size - 1 - y : y) * stepY + (mirrored ? (size - 1) * stepX : 0);
                    int step = mirrored ? -stepX : stepX;
                    for (int x = 0; x < size; x++) {
                        out[at++] = curve[clip[row] & 0xFF];
                        row += step;
                    }
                }
            }
        }
    }
}
