package io.jepastream.ingest.synth;

import io.jepastream.ingest.media.Picture;
import java.util.Random;

/** Light that flickers by up to 6 %, and a sensor whose noise is up to 5 levels; both drawn once for a scene. */
final class Film {
    private final long seed;
    private final double flicker;
    private final double flickerRate;
    private final double flickerPhase;
    private final int noise;

    Film(Random random, long seed) {
        this.seed = seed;
        flicker = random.nextBoolean() ? 0 : Seeds.between(random, 0, 0.06);
        flickerRate = Seeds.between(random, 0.2, 3);
        flickerPhase = Seeds.between(random, 0, 6.28);
        noise = random.nextInt(6);
    }

    /**
     * Packed pixels to a picture.
     *
     * @param seconds when; the same time gives the same light and noise
     */
    Picture develop(double seconds, int[] pixels, int width, int height) {
        int size = width * height;
        byte[] planes = new byte[3 * size];
        double gain = 1 + flicker * StrictMath.sin(6.283185307179586 * flickerRate * seconds + flickerPhase);
        int[] lit = new int[256];
        for (int i = 0; i < 256; i++) {
            lit[i] = (int) Math.round(i * gain);
        }
        long state = Seeds.mix(seed, Math.round(seconds * 1e6)) | 1;
        int range = 2 * noise + 1;
        for (int i = 0; i < size; i++) {
            int colour = pixels[i];
            state ^= state << 13;
            state ^= state >>> 7;
            state ^= state << 17;
            int dice = (int) (state >>> 32);
            planes[i] = level(lit[(colour >> 16) & 0xFF] + (((dice & 0x3FF) * range) >> 10) - noise);
            planes[size + i] = level(lit[(colour >> 8) & 0xFF] + ((((dice >> 10) & 0x3FF) * range) >> 10) - noise);
            planes[2 * size + i] = level(lit[colour & 0xFF] + ((((dice >> 20) & 0x3FF) * range) >> 10) - noise);
        }
        return new Picture(width, height, planes);
    }

    private static byte level(int value) {
        return (byte) Math.max(0, Math.min(255, value));
    }
}
