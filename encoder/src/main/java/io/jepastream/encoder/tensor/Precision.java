package io.jepastream.encoder.tensor;

import java.util.Locale;

/** What matrix products are computed in. Norms, positions and the residual stream are float32 in either case. */
public enum Precision {
    FP32,
    BF16;

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
