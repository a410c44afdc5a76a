package io.jepastream.trainer.data;

/** Clips of one length: uint8 {@code [B, 3, T, S, S]}, RGB, in an array that is not copied. */
public final class Clips {
    private final int count;
    private final int frames;
    private final byte[] pixels;

    /**
     * Keeps the array.
     *
     * @param count B, 1 or more
     * @param frames T, 1 or more
     * @param pixels clip by clip, planes of one colour and frame after another
     */
    public Clips(int count, int frames, byte[] pixels) {
        if (count < 1 || frames < 1 || pixels.length % ((long) count * frames * 3) != 0) {
            throw new IllegalArgumentException(
                    "clips: want whole clips of 3 x T planes, got %d bytes for %d of %d frames"
                            .formatted(pixels.length, count, frames));
        }
        this.count = count;
        this.frames = frames;
        this.pixels = pixels;
    }

    /** Returns B. */
    public int count() {
        return count;
    }

    /** Returns T. */
    public int frames() {
        return frames;
    }

    /** Returns the pixels, not a copy. */
    public byte[] pixels() {
        return pixels;
    }
}
