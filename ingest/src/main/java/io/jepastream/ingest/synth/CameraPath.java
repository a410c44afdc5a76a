package io.jepastream.ingest.synth;

import java.util.Random;

/**
 * Where a camera looks over time. Ranges, per second and in parts of the picture's width: pan and tilt 6 to 45 %, with up
 * to 8 % of that across; zoom 6 to 35 %; roll 6 to 50 degrees either way; shake 1 to 4 % amplitude at 2.5 to 9 Hz, with
 * a tremble of at most 1 degree. Zooms start 1.5 times wider, or narrower, so that both show the same range.
 */
final class CameraPath {
    private static final int WAVES = 3;
    private static final double TAU = 2 * Math.PI;

    private final CameraMotion motion;
    private final double startX;
    private final double startY;
    private final double span;
    private final double startAngle;
    private final double speed;
    private final double across;
    private final double[] frequencies = new double[3 * WAVES];
    private final double[] phases = new double[3 * WAVES];

    CameraPath(CameraMotion motion, long seed) {
        this.motion = motion;
        Random random = Seeds.random(seed, motion.name().hashCode());
        startX = Seeds.between(random, 0, SceneTexture.SIZE);
        startY = Seeds.between(random, 0, SceneTexture.SIZE);
        startAngle = Seeds.between(random, 0, TAU);
        span = Seeds.between(random, 240, 380);
        speed = speed(motion, random);
        across = Seeds.between(random, -0.08, 0.08);
        for (int i = 0; i < frequencies.length; i++) {
            frequencies[i] = Seeds.between(random, 2.5, 9);
            phases[i] = Seeds.between(random, 0, TAU);
        }
    }

    private static double speed(CameraMotion motion, Random random) {
        return switch (motion) {
            case STATIC -> 0;
            case PAN_LEFT, PAN_RIGHT, TILT_UP, TILT_DOWN -> Seeds.between(random, 0.06, 0.45);
            case ZOOM_IN, ZOOM_OUT -> StrictMath.log1p(Seeds.between(random, 0.06, 0.35));
            case ROLL -> StrictMath.toRadians(Seeds.signed(random, Seeds.between(random, 6, 50)));
            case SHAKE -> Seeds.between(random, 0.01, 0.04);
        };
    }

    /** The view after {@code seconds}. */
    View at(double seconds) {
        double way = speed * seconds;
        return switch (motion) {
            case STATIC -> moved(0, 0);
            case PAN_LEFT -> moved(-way, across * way);
            case PAN_RIGHT -> moved(way, across * way);
            case TILT_UP -> moved(across * way, -way);
            case TILT_DOWN -> moved(across * way, way);
            case ZOOM_IN -> zoomed(1.5 * StrictMath.exp(-way));
            case ZOOM_OUT -> zoomed(StrictMath.exp(way) / 1.5);
            case ROLL -> new View(startX, startY, span, startAngle + way);
            case SHAKE -> shaken(seconds);
        };
    }

    /** The view moved by parts of the picture's width, along the picture's own axes. */
    private View moved(double right, double down) {
        double cos = StrictMath.cos(startAngle);
        double sin = StrictMath.sin(startAngle);
        return new View(
                startX + span * (cos * right - sin * down),
                startY + span * (sin * right + cos * down),
                span,
                startAngle);
    }

    private View zoomed(double factor) {
        return new View(startX, startY, span * factor, startAngle);
    }

    private View shaken(double seconds) {
        View moved = moved(speed * wave(0, seconds), speed * wave(1, seconds));
        double tremble = StrictMath.toRadians(25 * speed * wave(2, seconds));
        return new View(moved.x(), moved.y(), span, startAngle + tremble);
    }

    /** A sum of sines in -1..1. */
    private double wave(int axis, double seconds) {
        double sum = 0;
        for (int i = axis * WAVES; i < (axis + 1) * WAVES; i++) {
            sum += StrictMath.sin(TAU * frequencies[i] * seconds + phases[i]);
        }
        return sum / WAVES * 1.2;
    }
}
