package io.jepastream.encoder.tensor;

import java.util.Locale;

/** Element types of a safetensors file, under the names the format gives them. */
public enum Dtype {
    F64(8, "float64"),
    F32(4, "float32"),
    F16(2, "float16"),
    BF16(2, "bfloat16"),
    I64(8, "int64"),
    I32(4, "int32"),
    I16(2, "int16"),
    I8(1, "int8"),
    U8(1, "uint8"),
    BOOL(1, "bool");

    private final int bytes;
    private final String torchName;

    Dtype(int bytes, String torchName) {
        this.bytes = bytes;
        this.torchName = torchName;
    }

    /** What torch calls it, without its module. */
    public String torchName() {
        return torchName;
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
