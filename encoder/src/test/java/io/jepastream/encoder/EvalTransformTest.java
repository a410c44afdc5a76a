package io.jepastream.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class EvalTransformTest {
    private static final EvalTransform TRANSFORM = new EvalTransform(112);

    @Test
    void shortSide_isThatOfTheReference() {
        assertThat(TRANSFORM.shortSide()).isEqualTo(128);
        assertThat(new EvalTransform(224).shortSide()).isEqualTo(256);
        assertThat(new EvalTransform(256).shortSide()).isEqualTo(292);
        assertThat(new EvalTransform(384).shortSide()).isEqualTo(438);
    }

    @Test
    void pictureOfTheRightSize_isOnlyCropped() {
        byte[] picture = new byte[3 * 128 * 171];
        new Random(1).nextBytes(picture);
        byte[] view = TRANSFORM.view(picture, 171, 128);
        int left = 30; // (171 - 112) / 2 = 29.5, to even
        for (int c = 0; c < 3; c++) {
            assertThat(view[(c * 112 + 5) * 112 + 7]).isEqualTo(picture[(c * 128 + 8 + 5) * 171 + left + 7]);
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "1, 500", "3, 2", "2000, 3", "113, 640"})
    void flatPictureOfAnyShape_staysFlat(int width, int height) {
        byte[] picture = new byte[3 * width * height];
        Arrays.fill(picture, (byte) 200);
        byte[] view = TRANSFORM.view(picture, width, height);
        assertThat(view).hasSize(3 * 112 * 112).containsOnly((byte) 200);
    }

    @Test
    void views_walkAlongTheLongSide() {
        byte[] picture = new byte[3 * 112 * 200];
        for (int i = 0; i < picture.length; i++) {
            picture[i] = (byte) (i % 200);
        }
        assertThat(TRANSFORM.views(picture, 200, 112, 3))
                .extracting(v -> v[0])
                .containsExactly((byte) 0, (byte) 44, (byte) 88);
    }

    @Test
    void wrongByteCount_isRefused() {
        assertThatThrownBy(() -> TRANSFORM.view(new byte[10], 2, 2))
                .hasMessage("picture: want 3 x 2 x 2 bytes, got 10");
    }
}
