package io.jepastream.encoder;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * A preprocessed clip: uint8 RGB {@code [3, T, S, S]}, channel first, ready for the device, which removes mean and
 * deviation. Immutable, holds no native memory.
 */
public final class PixelClip {
    private final byte[] pixels;
    private final int frames;
    private final int size;

    private PixelClip(byte[] pixels, int frames, int size) {
        this.pixels = pixels;
        this.frames = frames;
        this.size = size;
    }

    /**
     * Interleaves pictures into a clip.
     *
     * @param pictures planar RGB {@code [3, S, S]} each, in time order; the same picture may appear again
     * @param size side S in pixels
     */
    public static PixelClip of(List<byte[]> pictures, int size) {
        EncoderConfig.require(!pictures.isEmpty() && size > 0, "clip: want pictures of a positive size, got none");
        int plane = size * size;
        byte[] pixels = new byte[Math.multiplyExact(3 * plane, pictures.size())];
        for (int t = 0; t < pictures.size(); t++) {
            byte[] picture = pictures.get(t);
            EncoderConfig.require(
                    picture.length == 3 * plane, "picture %d: want %d bytes, got %d", t, 3 * plane, picture.length);
            for (int c = 0; c < 3; c++) {
                System.arraycopy(picture, c * plane, pixels, (c * pictures.size() + t) * plane, plane);
            }
        }
        return new PixelClip(pixels, pictures.size(), size);
    }

    /** Number of frames T. */
    public int frames() {
        return frames;
    }

    /** Side S in pixels. */
    public int size() {
        return size;
    }

    /** A copy of the bytes in {@code [3, T, S, S]} order. */
    public byte[] toBytes() {
        return pixels.clone();
    }

    /** Copies the bytes to {@code target} from {@code at} on. */
    public void copyTo(byte[] target, int at) {
        System.arraycopy(pixels, 0, target, at, pixels.length);
    }

    /** Copies the bytes to where {@code target} stands, and moves it on. */
    public void copyTo(ByteBuffer target) {
        target.put(pixels);
    }

    /** Number of bytes. */
    public int length() {
        return pixels.length;
    }
}
