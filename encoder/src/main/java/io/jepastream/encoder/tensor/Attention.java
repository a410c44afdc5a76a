package io.jepastream.encoder.tensor;

import ai.djl.Device;

/** Which attention text a kernel is compiled with; all compute softmax(q k&#94;T / sqrt(d)) v. */
public final class Attention {
    /** Below this many tokens explicit products beat the fused operator on a CPU (measured). */
    private static final long SHORT = 512;

    private static final String FUSED = "attention_fused";
    private static final String PER_HEAD = "attention_per_head";
    private static final String EXPLICIT = "attention_explicit";

    private Attention() {}

    /**
     * The kernel file for inference.
     *
     * @param tokens usual sequence length
     */
    public static String fileFor(Device device, Precision precision, long tokens) {
        return fileFor(device, CpuFeatures.here(), precision, tokens);
    }

    static String fileFor(Device device, CpuFeatures cpu, Precision precision, long tokens) {
        if (device.isGpu()) {
            return FUSED;
        }
        if (precision == Precision.BF16) {
            return cpu.amx()
                    ? FUSED
                    : PER_HEAD; // with AMX 33 ms to 55 of 12 heads and 1568 tokens; without it the other way round
        }
        return tokens <= SHORT ? EXPLICIT : FUSED;
    }
}
