package io.jepastream.ingest.media;

import io.jepastream.ingest.wire.ImageEncoding;

/**
 * What an encoded picture says about itself, read without decoding it. Cheap enough for every frame of every camera.
 *
 * @param width pixels, {@value #MIN_SIDE} to {@value #MAX_SIDE}
 * @param height pixels, {@value #MIN_SIDE} to {@value #MAX_SIDE}
 */
public record PictureHeader(int width, int height) {
    /** The smallest side of a picture that is let in, pixels. */
    public static final int MIN_SIDE = 16;
    /** The largest side of a picture that is let in, pixels. */
    public static final int MAX_SIDE = 8192;
    /** The most pixels of a picture that is let in: a little more than 7680 x 4320. */
    public static final int MAX_PIXELS = 1 << 25;
    /**
     * The most pixels of all pictures of a clip: 16 of 2048 x 2048. A few kilobytes can hold that many, and they are in
     * memory at once, 3 bytes each.
     */
    public static final int MAX_CLIP_PIXELS = 1 << 26;

    private static final byte[] PNG_START = {(byte) 0x89, 'P', 'N', 'G', 13, 10, 26, 10, 0, 0, 0, 13, 'I', 'H', 'D', 'R'
    };
    private static final byte[] PNG_END = {'I', 'E', 'N', 'D', (byte) 0xAE, 0x42, 0x60, (byte) 0x82};

    /**
     * Refuses a picture that cannot be what its record says.
     *
     * @param encoding how the bytes hold the picture
     * @param data the encoded picture
     * @param width the record's width, pixels
     * @param height the record's height, pixels
     * @throws PictureException when the size is outside the limits, the bytes are not of the encoding, are cut short, or
     *     hold a picture of another size
     */
    public static void check(ImageEncoding encoding, byte[] data, int width, int height) throws PictureException {
        requireLimits(width, height);
        if (encoding == ImageEncoding.RGB24) {
            if (data.length != 3L * width * height) {
                throw new PictureException("RGB24 picture of %dx%d: want %d bytes, got %d"
                        .formatted(width, height, 3L * width * height, data.length));
            }
            return;
        }
        PictureHeader header = parse(encoding, data);
        if (header.width != width || header.height != height) {
            throw new PictureException("%s picture: want %dx%d as its record says, got %dx%d"
                    .formatted(encoding, width, height, header.width, header.height));
        }
    }

    /**
     * Reads the size of a JPEG or PNG.
     *
     * @param encoding JPEG or PNG; raw pixels have no header
     * @param data the encoded picture, whole
     * @throws PictureException when the bytes are not such a picture, are cut short, or its size is outside the limits
     */
    public static PictureHeader parse(ImageEncoding encoding, byte[] data) throws PictureException {
        PictureHeader header = switch (encoding) {
            case JPEG -> jpeg(data);
            case PNG -> png(data);
            case RGB24, UNKNOWN -> throw new PictureException("picture encoding: want JPEG or PNG, got " + encoding);
        };
        requireLimits(header.width, header.height);
        return header;
    }

    private static void requireLimits(int width, int height) throws PictureException {
        if (width < MIN_SIDE || height < MIN_SIDE || width > MAX_SIDE || height > MAX_SIDE) {
            throw new PictureException("picture size: want sides from %d to %d pixels, got %dx%d"
                    .formatted(MIN_SIDE, MAX_SIDE, width, height));
        }
        if (width * height > MAX_PIXELS) {
            throw new PictureException(
                    "picture size: want at most %d pixels, got %dx%d".formatted(MAX_PIXELS, width, height));
        }
    }

    private static PictureHeader png(byte[] data) throws PictureException {
        if (!matches(data, 0, PNG_START) || data.length < 33) {
            throw new PictureException("PNG picture: want the PNG signature and an IHDR chunk, got " + glimpse(data));
        }
        if (!matches(data, data.length - PNG_END.length, PNG_END)) {
            throw new PictureException("PNG picture: want an IEND chunk at the end, got a picture cut short at %d bytes"
                    .formatted(data.length));
        }
        return new PictureHeader(int32(data, 16), int32(data, 20));
    }

    private static PictureHeader jpeg(byte[] data) throws PictureException {
        if (data.length < 4 || int16(data, 0) != 0xFFD8) {
            throw new PictureException("JPEG picture: want the start marker FF D8, got " + glimpse(data));
        }
        if (int16(data, data.length - 2) != 0xFFD9) {
            throw new PictureException("JPEG picture: want the end marker FF D9, got a picture cut short at %d bytes"
                    .formatted(data.length));
        }
        int at = 2;
        while (at + 9 < data.length && data[at] == (byte) 0xFF) {
            int marker = data[at + 1] & 0xFF;
            if (marker >= 0xC0 && marker <= 0xC2) {
                return new PictureHeader(int16(data, at + 7), int16(data, at + 5));
            }
            if (marker == 0xDA || marker == 0xD9) {
                break;
            }
            at += marker == 0xFF ? 1 : 2 + int16(data, at + 2);
        }
        throw new PictureException("JPEG picture: want a baseline or progressive frame header, got none in the %d bytes"
                .formatted(data.length));
    }

    private static boolean matches(byte[] data, int at, byte[] wanted) {
        if (at < 0 || data.length - at < wanted.length) {
            return false;
        }
        for (int i = 0; i < wanted.length; i++) {
            if (data[at + i] != wanted[i]) {
                return false;
            }
        }
        return true;
    }

    private static String glimpse(byte[] data) {
        StringBuilder text = new StringBuilder().append(data.length).append(" bytes");
        for (int i = 0; i < Math.min(4, data.length); i++) {
            text.append(i == 0 ? " starting " : " ").append("%02X".formatted(data[i]));
        }
        return text.toString();
    }

    private static int int16(byte[] data, int at) {
        return ((data[at] & 0xFF) << 8) | (data[at + 1] & 0xFF);
    }

    private static int int32(byte[] data, int at) {
        return (int16(data, at) << 16) | int16(data, at + 2);
    }
}
