package io.jepastream.encoder.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HalfFloatsTest {
    @Test
    void everyHalf_comesBackFromItsFloat() {
        for (int bits = 0; bits < 1 << 16; bits++) {
            float value = HalfFloats.toFloat((short) bits);
            if (!Float.isNaN(value)) {
                assertThat(HalfFloats.toF16(value)).as("bits %x", bits).isEqualTo((short) bits);
            }
        }
        assertThat(HalfFloats.toFloat(HalfFloats.toF16(Float.NaN))).isNaN();
    }

    @Test
    void betweenTwoHalves_theNearer_orTheEvenOne() {
        for (int bits = 0; bits < 0x7BFF; bits++) {
            float low = HalfFloats.toFloat((short) bits);
            float high = HalfFloats.toFloat((short) (bits + 1));
            float middle = (low + high) / 2;
            int even = bits % 2 == 0 ? bits : bits + 1;
            assertThat(HalfFloats.toF16(middle)).as("middle above %x", bits).isEqualTo((short) even);
            assertThat(HalfFloats.toF16(Math.nextDown(middle))).isEqualTo((short) bits);
            assertThat(HalfFloats.toF16(-Math.nextUp(middle))).isEqualTo((short) (0x8000 | (bits + 1)));
        }
        assertThat(HalfFloats.toF16(65519.996f)).isEqualTo((short) 0x7BFF);
        assertThat(HalfFloats.toF16(65520f)).isEqualTo((short) 0x7C00);
        assertThat(HalfFloats.toF16(Float.NEGATIVE_INFINITY)).isEqualTo((short) 0xFC00);
    }
}
