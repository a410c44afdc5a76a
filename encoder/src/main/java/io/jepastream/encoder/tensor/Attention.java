package io.jepastream.encoder.tensor;

import ai.djl.Device;

/** Which attention text a kernel is compiled with; all compute softmax(q k&#94;T / sqrt(d)) v. */
public final class Attention {
    /** Below this many tokens explicit products beat the fused operator on a CPU (measured). */
    private static final long SHORT = 512;

    private Attention() {}

    /**
     * The kernel file for inference.
     *
     * @param tokens usual sequence length
     */
    public static String fileFor(Device device, Precision precision, long tokens) {
        if (device.isGpu()) {
            return "attention_fused";
        }
        if (precision == Precision.BF16) {
            return "attention_per_head";
        }
        return tokens <= SHORT ? "attention_explicit" : "attention_fused";
    }
}
