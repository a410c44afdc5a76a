package io.jepastream.trainer.pretrain;

import java.util.SplittableRandom;

/**
 * First values of a tubelet embedding that already sees motion: pairs of drifting Gabor patches in quadrature, of random
 * direction, wavelength and speed (the motion energy model, Adelson and Bergen, 1985). With plain noise instead, an
 * embedding says mostly how bright a patch is, and a short training never finds the motion.
 */
public final class MotionFilters {
    private static final double SHORTEST = 5; // pixels
    private static final double LONGEST = 24;
    private static final double FARTHEST = 12; // pixels from one frame of the tubelet to the next
    private static final double SPREAD = 5; // deviation of the window, pixels

    private MotionFilters() {}

    /** Weights {@code [filters, 3, 2, side, side]}; every filter has mean 0 and length 1. */
    public static float[] values(int filters, int side, SplittableRandom random) {
        int size = 3 * 2 * side * side;
        float[] out = new float[filters * size];
        for (int filter = 0; filter + 1 < filters; filter += 2) {
            double direction = 2 * Math.PI * random.nextDouble();
            double wavelength = SHORTEST * Math.pow(LONGEST / SHORTEST, random.nextDouble());
            double drift = Math.min(FARTHEST, wavelength / 2) * (2 * random.nextDouble() - 1);
            double centreX = side / 2.0 + 2 * (random.nextDouble() - 0.5);
            double centreY = side / 2.0 + 2 * (random.nextDouble() - 0.5);
            for (int phase = 0; phase < 2; phase++) {
                double[] wave = new double[2 * side * side];
                for (int i = 0; i < wave.length; i++) {
                    double x = i % side + 0.5 - centreX;
                    double y = Math.floorDiv(i, side) % side + 0.5 - centreY;
                    double along = x * Math.cos(direction) + y * Math.sin(direction);
                    double moved = along - drift * Math.floorDiv(i, side * side);
                    double window = Math.exp(-(x * x + y * y) / (2 * SPREAD * SPREAD));
                    wave[i] = window * Math.cos(2 * Math.PI * moved / wavelength - phase * Math.PI / 2);
                }
                put(centred(wave, side * side), out, (filter + phase) * size);
            }
        }
        return out;
    }

    /** Takes the mean off each frame and scales to length 1 over three equal colours. */
    private static double[] centred(double[] wave, int plane) {
        double squares = 0;
        for (int frame = 0; frame < 2; frame++) {
            double sum = 0;
            for (int i = 0; i < plane; i++) {
                sum += wave[frame * plane + i];
            }
            for (int i = 0; i < plane; i++) {
                wave[frame * plane + i] -= sum / plane;
                squares += wave[frame * plane + i] * wave[frame * plane + i];
            }
        }
        double scale = 1 / Math.sqrt(3 * squares);
        for (int i = 0; i < wave.length; i++) {
            wave[i] *= scale;
        }
        return wave;
    }

    private static void put(double[] wave, float[] out, int at) {
        for (int c = 0; c < 3; c++) {
            for (int i = 0; i < wave.length; i++) {
                out[at + c * wave.length + i] = (float) wave[i];
            }
        }
    }
}
