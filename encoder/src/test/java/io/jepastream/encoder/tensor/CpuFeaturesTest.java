package io.jepastream.encoder.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class CpuFeaturesTest {
    @Test
    void flags_areWholeWords() {
        CpuFeatures zen =
                CpuFeatures.of("processor\t: 0\nflags\t\t: fpu avx512f avx512_bf16 avx512_vnni\nbugs\t\t: amx_bf16\n");
        assertThat(zen.bf16()).isTrue();
        assertThat(zen.amx()).isFalse();
        CpuFeatures rapids = CpuFeatures.of("flags : avx512_bf16 amx_bf16 amx_tile\n");
        assertThat(rapids.amx()).isTrue();
        CpuFeatures arm = CpuFeatures.of("processor : 0\nFeatures : fp asimd bf16 i8mm\n");
        assertThat(arm.bf16()).isTrue();
        assertThat(arm.amx()).isFalse();
        assertThat(CpuFeatures.of("flags : avx2 avx512_bf16x\n").bf16()).isFalse();
        assertThat(CpuFeatures.of("").bf16()).isFalse();
    }
}
