package io.jepastream.encoder.tensor;

import ai.djl.Device;
import java.util.Locale;

/** What matrix products are computed in. Norms, positions and the residual stream are float32 in either case. */
public enum Precision {
    FP32,
    BF16;

    /** Below this width a model on a CPU gains too little by bfloat16 to give up digits for it. */
    private static final int NARROW = 384;

    /**
     * What a model runs in where nobody says: bfloat16 on a GPU, and on a CPU that multiplies it by instructions of its own for
     * models from 384 wide; else float32. It depends on the kind of machine alone, so that equal machines choose alike.
     *
     * @param width of the model's tokens
     */
    public static Precision usual(Device device, int width) {
        return usual(device, CpuFeatures.here(), width);
    }

    static Precision usual(Device device, CpuFeatures cpu, int width) {
        return device.isGpu() || (cpu.bf16() && width >= NARROW) ? BF16 : FP32;
    }

    /** Reads {@code fp32} or {@code bf16}. */
    public static Precision named(String name) {
        for (Precision precision : values()) {
            if (precision.name().equalsIgnoreCase(name)) {
                return precision;
            }
        }
        throw new IllegalArgumentException("precision: want fp32 or bf16, got '%s'".formatted(name));
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
