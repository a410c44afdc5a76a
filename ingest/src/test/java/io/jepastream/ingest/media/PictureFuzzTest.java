package io.jepastream.ingest.media;

import io.jepastream.ingest.fuzz.Fuzz;
import io.jepastream.ingest.wire.ImageEncoding;
import java.nio.ByteBuffer;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Pictures from whoever may write to the topics. */
final class PictureFuzzTest {
    private static final int WIDTH = 32;
    private static final int HEIGHT = 24;

    @ParameterizedTest
    @EnumSource(names = {"JPEG", "PNG"})
    void bytes_areAPictureOrRefused(ImageEncoding encoding) throws Exception {
        try (PictureDecoder decoder = new PictureDecoder()) {
            fuzz(encoding).slow(3).run(input -> {
                if (encoding == ImageEncoding.PNG && input.length % 2 == 0) {
                    repairChecksums(input);
                }
                PictureHeader header = PictureHeader.parse(encoding, input);
                decoder.decode(encoding, input, header.width(), header.height());
            });
        }
    }

    /** Else hardly any damage gets past the checksums of the chunks, to what unpacks them. */
    private static void repairChecksums(byte[] png) {
        ByteBuffer chunks = ByteBuffer.wrap(png);
        for (int at = 8; at + 12 <= png.length; ) {
            int length = chunks.getInt(at);
            if (length < 0 || length > png.length - at - 12) {
                return;
            }
            CRC32 crc = new CRC32();
            crc.update(png, at + 4, 4 + length);
            chunks.putInt(at + 8 + length, (int) crc.getValue());
            at += 12 + length;
        }
    }

    @Test
    void rawPixels_areAPictureOrRefused() throws Exception {
        byte[] pixels = new byte[4 + 3 * WIDTH * HEIGHT];
        ByteBuffer.wrap(pixels).putShort((short) WIDTH).putShort((short) HEIGHT);
        try (PictureDecoder decoder = new PictureDecoder()) {
            Fuzz.of("picture RGB24")
                    .seed(pixels)
                    .mayThrow(PictureException.class)
                    .run(input -> {
                        ByteBuffer in = ByteBuffer.wrap(input);
                        int width = in.remaining() < 4 ? 0 : in.getShort();
                        int height = in.remaining() < 2 ? 0 : in.getShort();
                        byte[] data = new byte[in.remaining()];
                        in.get(data);
                        decoder.decode(ImageEncoding.RGB24, data, width, height);
                    });
        }
    }

    private static Fuzz fuzz(ImageEncoding encoding) {
        Fuzz fuzz = Fuzz.of("picture " + encoding)
                .mayThrow(PictureException.class)
                .mayAllocate(3L * PictureHeader.MAX_PIXELS + (1 << 20), 64);
        for (int seed = 1; seed <= 2; seed++) {
            try (PictureEncoder encoder = new PictureEncoder(encoding, 50 * seed)) {
                fuzz.seed(encoder.encode(Pictures.waves(WIDTH, HEIGHT, seed)));
            }
        }
        return fuzz;
    }
}
