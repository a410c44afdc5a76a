package io.jepastream.encoder.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import org.junit.jupiter.api.Test;

/** What is chosen for a machine depends on its kind alone. */
final class DeviceChoicesTest {
    private static final CpuFeatures OLD = CpuFeatures.of("flags : avx2 avx512f");
    private static final CpuFeatures ZEN_4 = CpuFeatures.of("flags : avx512f avx512_bf16");
    private static final CpuFeatures AMX = CpuFeatures.of("flags : avx512_bf16 amx_bf16");

    @Test
    void precision_isBf16_whereTheProcessorMultipliesIt_andTheModelIsWide() {
        assertThat(Precision.usual(Device.cpu(), OLD, 1024)).isEqualTo(Precision.FP32);
        assertThat(Precision.usual(Device.cpu(), ZEN_4, 384)).isEqualTo(Precision.BF16);
        assertThat(Precision.usual(Device.cpu(), AMX, 1024)).isEqualTo(Precision.BF16);
        assertThat(Precision.usual(Device.cpu(), AMX, 192)).isEqualTo(Precision.FP32);
        assertThat(Precision.usual(Device.gpu(), OLD, 192)).isEqualTo(Precision.BF16);
    }

    @Test
    void attention_isWhatWasMeasuredFastest() {
        assertThat(Attention.fileFor(Device.gpu(), OLD, Precision.FP32, 100)).isEqualTo("attention_fused");
        assertThat(Attention.fileFor(Device.cpu(), ZEN_4, Precision.BF16, 1568)).isEqualTo("attention_per_head");
        assertThat(Attention.fileFor(Device.cpu(), AMX, Precision.BF16, 1568)).isEqualTo("attention_fused");
        assertThat(Attention.fileFor(Device.cpu(), AMX, Precision.FP32, 1568)).isEqualTo("attention_fused");
        assertThat(Attention.fileFor(Device.cpu(), AMX, Precision.FP32, 392)).isEqualTo("attention_explicit");
    }
}
