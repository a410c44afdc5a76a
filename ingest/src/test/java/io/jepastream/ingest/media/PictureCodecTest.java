package io.jepastream.ingest.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jepastream.ingest.wire.ImageEncoding;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class PictureCodecTest {
    private final PictureDecoder decoder = new PictureDecoder();

    @AfterEach
    void close() {
        decoder.close();
    }

    private static byte[] encode(ImageEncoding encoding, Picture picture) {
        try (PictureEncoder encoder = new PictureEncoder(encoding, PictureEncoder.DEFAULT_QUALITY)) {
            return encoder.encode(picture);
        }
    }

    @ParameterizedTest
    @CsvSource({"RGB24,341,257", "PNG,341,257", "RGB24,16,16", "PNG,16,16"})
    void losslessEncodings_giveThePictureBack(ImageEncoding encoding, int width, int height) throws Exception {
        Picture picture = Pictures.waves(width, height, 3);
        Picture back = decoder.decode(encoding, encode(encoding, picture), width, height);
        assertThat(back.planes()).isEqualTo(picture.planes());
    }

    @ParameterizedTest
    @CsvSource({"341,257", "340,256", "16,16", "171,128"})
    void jpegAtDefaultQuality_isCloseToThePicture(int width, int height) throws Exception {
        Picture picture = Pictures.waves(width, height, 3);
        Picture back = decoder.decode(ImageEncoding.JPEG, encode(ImageEncoding.JPEG, picture), width, height);
        assertThat(Pictures.psnr(picture, back)).isGreaterThan(44);
    }

    @Test
    void jpegQuality_tradesBytesForFidelity() throws Exception {
        Picture picture = Pictures.waves(340, 256, 1);
        int lastBytes = 0;
        double lastPsnr = 0;
        for (int quality : new int[] {10, 50, 80, 95}) {
            try (PictureEncoder encoder = new PictureEncoder(ImageEncoding.JPEG, quality)) {
                byte[] bytes = encoder.encode(picture);
                double psnr = Pictures.psnr(picture, decoder.decode(ImageEncoding.JPEG, bytes, 340, 256));
                assertThat(bytes.length).as("bytes at %d", quality).isGreaterThan(lastBytes);
                assertThat(psnr).as("PSNR at %d", quality).isGreaterThan(lastPsnr);
                lastBytes = bytes.length;
                lastPsnr = psnr;
            }
        }
    }

    @ParameterizedTest
    @EnumSource(value = ImageEncoding.class, names = "UNKNOWN", mode = EnumSource.Mode.EXCLUDE)
    void samePicture_givesTheSameBytes_whateverCameBefore(ImageEncoding encoding) {
        Picture picture = Pictures.waves(64, 48, 1);
        byte[] alone = encode(encoding, picture);
        try (PictureEncoder encoder = new PictureEncoder(encoding, PictureEncoder.DEFAULT_QUALITY)) {
            encoder.encode(Pictures.waves(64, 48, 9));
            encoder.encode(Pictures.waves(80, 48, 9));
            assertThat(encoder.encode(picture)).isEqualTo(alone);
            assertThat(encoder.encode(picture)).isEqualTo(alone);
        }
    }

    @ParameterizedTest
    @EnumSource(value = ImageEncoding.class, names = "UNKNOWN", mode = EnumSource.Mode.EXCLUDE)
    void pictureOfAnotherSize_isRefusedWithBothSizes(ImageEncoding encoding) {
        byte[] bytes = encode(encoding, Pictures.waves(64, 48, 1));
        assertThatThrownBy(() -> decoder.decode(encoding, bytes, 64, 64))
                .isInstanceOf(PictureException.class)
                .hasMessageContaining("64x64")
                .hasMessageContaining("want");
    }

    @ParameterizedTest
    @CsvSource({"JPEG,1,1", "PNG,1,1", "RGB24,1,1", "JPEG,20000,20000", "PNG,20000,20000", "RGB24,20000,20000"})
    void absurdSizes_areRefusedFromTheHeader(ImageEncoding encoding, int width, int height) {
        byte[] bytes = new byte[3];
        assertThatThrownBy(() -> PictureHeader.check(encoding, bytes, width, height))
                .isInstanceOf(PictureException.class)
                .hasMessageContaining("16 to 8192")
                .hasMessageContaining(width + "x" + height);
    }

    @ParameterizedTest
    @CsvSource({"8192,4096,true", "7680,4320,true", "8192,4097,false", "8192,8192,false"})
    void pixels_areLimited_notOnlySides(int width, int height, boolean good) {
        ThrowingCallable check = () -> PictureHeader.check(ImageEncoding.RGB24, new byte[3], width, height);
        assertThatThrownBy(check).hasMessageContaining(good ? "got 3" : "want at most 33554432 pixels");
    }

    @Test
    void absurdSizeInsideThePicture_isRefusedWithoutDecoding() {
        byte[] png = encode(ImageEncoding.PNG, Pictures.waves(64, 48, 1));
        ByteBuffer.wrap(png).putInt(16, 20_000).putInt(20, 20_000);
        assertThatThrownBy(() -> decoder.decode(ImageEncoding.PNG, png, 64, 48))
                .isInstanceOf(PictureException.class)
                .hasMessageContaining("20000x20000");
    }

    @ParameterizedTest
    @EnumSource(value = ImageEncoding.class, names = "UNKNOWN", mode = EnumSource.Mode.EXCLUDE)
    void cutShort_isRefusedAtEveryLength(ImageEncoding encoding) {
        byte[] bytes = encode(encoding, Pictures.waves(64, 48, 1));
        for (int length = 0; length < bytes.length; length += 97) {
            byte[] cut = Arrays.copyOf(bytes, length);
            assertThatThrownBy(() -> decoder.decode(encoding, cut, 64, 48))
                    .as("%d of %d bytes", length, bytes.length)
                    .isInstanceOf(PictureException.class);
        }
    }

    @ParameterizedTest
    @EnumSource(value = ImageEncoding.class, names = "UNKNOWN", mode = EnumSource.Mode.EXCLUDE)
    void decoderStillWorks_afterGarbage(ImageEncoding encoding) throws Exception {
        Picture picture = Pictures.waves(64, 48, 1);
        byte[] good = encode(encoding, picture);
        Picture wanted = decoder.decode(encoding, good, 64, 48);
        Random random = new Random(5);
        for (int i = 0; i < 300; i++) {
            byte[] bad = good.clone();
            for (int k = 0; k < 20; k++) {
                bad[random.nextInt(bad.length)] = (byte) random.nextInt();
            }
            try {
                decoder.decode(encoding, bad, 64, 48);
            } catch (PictureException expected) {
                assertThat(expected).hasMessageContaining("got");
            }
        }
        assertThat(decoder.decode(encoding, good, 64, 48).planes()).isEqualTo(wanted.planes());
    }

    @Test
    void unknownEncoding_isRefused() {
        assertThatThrownBy(() -> PictureHeader.check(ImageEncoding.UNKNOWN, new byte[10], 64, 48))
                .isInstanceOf(PictureException.class)
                .hasMessageContaining("UNKNOWN");
    }
}
