package io.jepastream.ingest.media;

import org.bytedeco.ffmpeg.avutil.AVFrame;

/**
 * Decoded frames to RGB pictures whose short side is a given number of pixels: bilinear, up or down, the aspect kept up
 * to the rounding of the long side to an even number. Pixels count as square. Holds native memory until closed; one per
 * thread.
 */
public final class PictureScaler implements AutoCloseable {
    /** The short side where nobody says otherwise, pixels. */
    public static final int DEFAULT_SHORT_SIDE = 256;

    private final PixelConverter converter = new PixelConverter();

    /** Prepares a scaler for frames of any size and pixel format. */
    public PictureScaler() {
        Libav.load();
    }

    /**
     * Scales one frame.
     *
     * @param frame the decoded frame; stays the caller's
     * @param shortSide pixels, even; 0 keeps the frame's own size
     * @throws PictureException when a side of the result lies outside {@link PictureHeader}'s limits
     */
    public Picture scale(AVFrame frame, int shortSide) throws PictureException {
        int width = frame.width();
        int height = frame.height();
        int toWidth = shortSide == 0 ? width : side(width, height, shortSide);
        int toHeight = shortSide == 0 ? height : side(height, width, shortSide);
        requireSide(toWidth, width, height);
        requireSide(toHeight, width, height);
        return converter.picture(frame, toWidth, toHeight);
    }

    /**
     * Refuses a short side that no picture may have.
     *
     * @param shortSide pixels: 0, or even and within {@link PictureHeader}'s limits
     */
    public static void requireShortSide(int shortSide) {
        boolean known = shortSide == 0
                || (shortSide % 2 == 0 && shortSide >= PictureHeader.MIN_SIDE && shortSide <= PictureHeader.MAX_SIDE);
        if (!known) {
            throw new IllegalArgumentException("short side: want 0 or an even number from %d to %d pixels, got %d"
                    .formatted(PictureHeader.MIN_SIDE, PictureHeader.MAX_SIDE, shortSide));
        }
    }

    private static void requireSide(int side, int width, int height) throws PictureException {
        if (side < PictureHeader.MIN_SIDE || side > PictureHeader.MAX_SIDE) {
            throw new PictureException("scaled picture: want sides from %d to %d pixels, got %d from a frame of %dx%d"
                    .formatted(PictureHeader.MIN_SIDE, PictureHeader.MAX_SIDE, side, width, height));
        }
    }

    /** Length of one side after scaling, given the other: exactly the short side, or in proportion and even. */
    public static int side(int side, int other, int shortSide) {
        if (side <= other) {
            return shortSide;
        }
        long twice = (long) side * shortSide;
        return (int) Math.min(Integer.MAX_VALUE - 1, 2 * ((twice + other) / (2L * other)));
    }

    @Override
    public void close() {
        converter.close();
    }
}
