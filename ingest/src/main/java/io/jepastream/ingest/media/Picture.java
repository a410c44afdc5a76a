package io.jepastream.ingest.media;

/**
 * One RGB picture in memory, planar: {@code [3, H, W]} uint8, planes in the order red, green, blue, rows top to bottom,
 * no padding. Immutable by convention: nobody writes to the bytes after the picture was made.
 */
public final class Picture {
    private final int width;
    private final int height;
    private final byte[] planes;

    /**
     * Wraps the bytes without a copy.
     *
     * @param width pixels, positive
     * @param height pixels, positive
     * @param planes {@code 3 * width * height} bytes; the picture owns them from now on
     */
    public Picture(int width, int height, byte[] planes) {
        if (width <= 0 || height <= 0 || planes.length != 3L * width * height) {
            throw new IllegalArgumentException("picture: want 3 x width x height bytes, got %d bytes for %dx%d"
                    .formatted(planes.length, width, height));
        }
        this.width = width;
        this.height = height;
        this.planes = planes;
    }

    /** Returns the width in pixels. */
    public int width() {
        return width;
    }

    /** Returns the height in pixels. */
    public int height() {
        return height;
    }

    /** Returns the pixels themselves, {@code [3, H, W]}, not a copy: read only. */
    public byte[] planes() {
        return planes;
    }

    /** Turns the picture clockwise by {@code quarters} x 90 degrees, 0 to 3. */
    Picture turned(int quarters) {
        if (quarters == 0) {
            return this;
        }
        int toWidth = quarters == 2 ? width : height;
        int toHeight = quarters == 2 ? height : width;
        byte[] to = new byte[planes.length];
        int at = 0;
        for (int plane = 0; plane < 3; plane++) {
            int base = plane * width * height;
            for (int y = 0; y < toHeight; y++) {
                for (int x = 0; x < toWidth; x++) {
                    to[at++] = planes[base + source(quarters, x, y)];
                }
            }
        }
        return new Picture(toWidth, toHeight, to);
    }

    private int source(int quarters, int x, int y) {
        return switch (quarters) {
            case 1 -> (height - 1 - x) * width + y;
            case 2 -> (height - 1 - y) * width + (width - 1 - x);
            case 3 -> x * width + (width - 1 - y);
            default -> throw new IllegalArgumentException("quarters: want 0 to 3, got " + quarters);
        };
    }
}
