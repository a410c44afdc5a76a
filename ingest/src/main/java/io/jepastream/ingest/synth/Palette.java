package io.jepastream.ingest.synth;

import java.util.Random;

/** A few colours and the way between them; colours are packed 0xRRGGBB. */
final class Palette {
    private final int[] colours;

    /**
     * Draws a palette.
     *
     * @param contrast 0 (all colours the same) to 1
     */
    Palette(Random random, double contrast) {
        int[] drawn = new int[2 + random.nextInt(3)];
        int[] middle = {60 + random.nextInt(136), 60 + random.nextInt(136), 60 + random.nextInt(136)};
        boolean grey = random.nextInt(5) == 0;
        for (int i = 0; i < drawn.length; i++) {
            // Dark and bright in turn, so that every palette has some contrast of brightness.
            double light = Seeds.between(random, 30, 110) * (i % 2 == 0 ? 1 : -1);
            int packed = 0;
            for (int c = 0; c < 3; c++) {
                double tint = grey ? 0 : Seeds.between(random, -60, 60);
                packed = (packed << 8) | clamp(middle[grey ? 0 : c] + contrast * (light + tint));
            }
            drawn[i] = packed;
        }
        colours = drawn;
    }

    /** The colour at {@code value}, 0 to 1, clamped. */
    int at(float value) {
        float place = Math.max(0, Math.min(0.9999f, value)) * (colours.length - 1);
        int i = (int) place;
        return blend(colours[i], colours[i + 1], (int) ((place - i) * 256));
    }

    /** Mixes two packed colours; {@code weight} of the second from 0 to 256. */
    static int blend(int a, int b, int weight) {
        int rest = 256 - weight;
        int redBlue = (((a & 0xFF00FF) * rest + (b & 0xFF00FF) * weight) >>> 8) & 0xFF00FF;
        int green = (((a & 0x00FF00) * rest + (b & 0x00FF00) * weight) >>> 8) & 0x00FF00;
        return redBlue | green;
    }

    private static int clamp(double value) {
        return (int) Math.max(4, Math.min(251, Math.round(value)));
    }
}
