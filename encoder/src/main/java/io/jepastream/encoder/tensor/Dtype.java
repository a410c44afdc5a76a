package io.jepastream.encoder.tensor;

import java.util.Locale;

/** Element types of a safetensors file, under the names the format gives them. */
public enum Dtype {
    F64(8),
    F32(4),
    F16(2),
    BF16(2),
    I64(8),
    I32(4),
    I16(2),
    I8(1),
    U8(1),
    BOOL(1);

    private final int bytes;

    Dtype(int bytes) {
        this.bytes = bytes;
    }

    /** Width of one element in bytes. */
    public int bytes() {
        return bytes;
    }

    static Dtype named(String name) {
        for (Dtype dtype : values()) {
            if (dtype.name().equals(name.toUpperCase(Locale.ROOT))) {
                return dtype;
            }
        }
        throw new IllegalArgumentException(
                "dtype: want one of F64 F32 F16 BF16 I64 I32 I16 I8 U8 BOOL, got '%s'".formatted(name));
    }
}
