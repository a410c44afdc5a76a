package io.jepastream.trainer.augment;

import java.util.function.IntUnaryOperator;

/**
 * Operations that give a grey level a new one wherever it is, as PIL defines them. Planes are {@code [3, H, W]} uint8 and
 * stay as they are; each channel is taken by itself.
 */
final class Tone {
    private static final int LEVELS = 256;

    private Tone() {}

    /** Stretches the levels that a channel has to 0 to 255. A channel of one level stays. */
    static byte[] autoContrast(byte[] planes) {
        byte[] to = new byte[planes.length];
        for (int channel = 0; channel < 3; channel++) {
            int[] counts = counts(planes, channel);
            int low = 0;
            while (low < LEVELS - 1 && counts[low] == 0) {
                low++;
            }
            int high = LEVELS - 1;
            while (high > 0 && counts[high] == 0) {
                high--;
            }
            double scale = high > low ? 255.0 / (high - low) : 1;
            double shift = high > low ? -low * scale : 0;
            map(planes, to, channel, level -> (int) (level * scale + shift));
        }
        return to;
    }

    /** Spreads levels so that each is about as frequent as any other. A channel of too few pixels for that stays. */
    static byte[] equalize(byte[] planes) {
        byte[] to = new byte[planes.length];
        for (int channel = 0; channel < 3; channel++) {
            int[] counts = counts(planes, channel);
            int most = LEVELS - 1;
            while (counts[most] == 0) {
                most--;
            }
            int step = (planes.length / 3 - counts[most]) / 255;
            int[] levels = new int[LEVELS];
            int below = step / 2;
            for (int level = 0; level < LEVELS; level++) {
                levels[level] = step == 0 ? level : below / step;
                below += counts[level];
            }
            map(planes, to, channel, level -> levels[level]);
        }
        return to;
    }

    /** Turns light into dark. */
    static byte[] invert(byte[] planes) {
        return mapped(planes, level -> 255 - level);
    }

    /**
     * Keeps the upper bits of each level.
     *
     * @param bits 0 to 8
     */
    static byte[] posterize(byte[] planes, int bits) {
        int mask = 0xFF00 >> bits;
        return mapped(planes, level -> level & mask);
    }

    /**
     * Inverts levels from a threshold on.
     *
     * @param threshold 0 to 256; 256: nothing
     */
    static byte[] solarize(byte[] planes, int threshold) {
        return mapped(planes, level -> level < threshold ? level : 255 - level);
    }

    /** Makes levels below 128 lighter by {@code more}. */
    static byte[] solarizeAdd(byte[] planes, int more) {
        return mapped(planes, level -> level < 128 ? level + more : level);
    }

    private static int[] counts(byte[] planes, int channel) {
        int[] counts = new int[LEVELS];
        int plane = planes.length / 3;
        for (int i = channel * plane; i < (channel + 1) * plane; i++) {
            counts[planes[i] & 0xFF]++;
        }
        return counts;
    }

    private static byte[] mapped(byte[] planes, IntUnaryOperator level) {
        byte[] to = new byte[planes.length];
        for (int channel = 0; channel < 3; channel++) {
            map(planes, to, channel, level);
        }
        return to;
    }

    private static void map(byte[] planes, byte[] to, int channel, IntUnaryOperator level) {
        byte[] table = new byte[LEVELS];
        for (int i = 0; i < LEVELS; i++) {
            table[i] = (byte) Math.max(0, Math.min(255, level.applyAsInt(i)));
        }
        int plane = planes.length / 3;
        for (int i = channel * plane; i < (channel + 1) * plane; i++) {
            to[i] = table[planes[i] & 0xFF];
        }
    }
}
