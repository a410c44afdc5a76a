package io.jepastream.encoder.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * A tensor in ordinary memory: type, shape and little-endian row-major bytes, at most 2 GiB. It owns no native
 * resource of the engine, so any thread may hold one and nobody closes it.
 */
public final class HostTensor {
    private final Dtype dtype;
    private final long[] shape;
    private final ByteBuffer data;

    HostTensor(Dtype dtype, long[] shape, ByteBuffer data) {
        long wanted = Math.multiplyExact(elements(shape), dtype.bytes());
        if (data.remaining() != wanted) {
            throw new IllegalArgumentException("tensor of %s %s: want %d bytes, got %d"
                    .formatted(dtype, Arrays.toString(shape), wanted, data.remaining()));
        }
        this.dtype = dtype;
        this.shape = shape.clone();
        this.data = data.slice().order(ByteOrder.LITTLE_ENDIAN).asReadOnlyBuffer();
    }

    /** A float32 tensor of a copy of {@code values}. */
    public static HostTensor of(float[] values, long... shape) {
        ByteBuffer data = buffer(values.length, Dtype.F32);
        data.asFloatBuffer().put(values);
        return new HostTensor(Dtype.F32, shape, data);
    }

    /** An int64 tensor of a copy of {@code values}. */
    public static HostTensor of(long[] values, long... shape) {
        ByteBuffer data = buffer(values.length, Dtype.I64);
        data.asLongBuffer().put(values);
        return new HostTensor(Dtype.I64, shape, data);
    }

    /** A uint8 tensor of a copy of {@code values}. */
    public static HostTensor of(byte[] values, long... shape) {
        return new HostTensor(Dtype.U8, shape, ByteBuffer.wrap(values.clone()));
    }

    /** A tensor of any type over a copy of its little-endian bytes. */
    public static HostTensor ofBytes(Dtype dtype, byte[] littleEndian, long... shape) {
        return new HostTensor(dtype, shape, ByteBuffer.wrap(littleEndian.clone()));
    }

    /** A tensor over these little-endian bytes themselves, mapped ones for instance; nobody may change them later. */
    public static HostTensor over(Dtype dtype, ByteBuffer littleEndian, long... shape) {
        return new HostTensor(dtype, shape, littleEndian.slice());
    }

    public Dtype dtype() {
        return dtype;
    }

    public long[] shape() {
        return shape.clone();
    }

    /** Number of elements. */
    public int size() {
        return data.remaining() / dtype.bytes();
    }

    /** The little-endian bytes, read only, positioned at the first element. */
    public ByteBuffer bytes() {
        return data.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    }

    /** The values as float32, whatever floating or byte type they are stored in. */
    public float[] floats() {
        ByteBuffer in = bytes();
        return switch (dtype) {
            case F32 -> {
                float[] out = new float[size()];
                in.asFloatBuffer().get(out);
                yield out;
            }
            case F64 -> each(i -> (float) in.getDouble(8 * i));
            case BF16 -> each(i -> Float.intBitsToFloat(in.getShort(2 * i) << 16));
            case F16 -> each(i -> HalfFloats.toFloat(in.getShort(2 * i)));
            case U8, BOOL -> each(i -> in.get(i) & 0xFF);
            case I64, I32, I16, I8 -> throw wrongType("a floating or byte type");
        };
    }

    private interface At {
        float get(int index);
    }

    private float[] each(At at) {
        float[] out = new float[size()];
        for (int i = 0; i < out.length; i++) {
            out[i] = at.get(i);
        }
        return out;
    }

    /** The values as int64; only for the integer types. */
    public long[] longs() {
        long[] out = new long[size()];
        ByteBuffer in = bytes();
        switch (dtype) {
            case I64 -> in.asLongBuffer().get(out);
            case I32 -> Arrays.setAll(out, i -> in.getInt(4 * i));
            case I16 -> Arrays.setAll(out, i -> in.getShort(2 * i));
            case I8 -> Arrays.setAll(out, in::get);
            case U8, BOOL -> Arrays.setAll(out, i -> in.get(i) & 0xFF);
            case F64, F32, F16, BF16 -> throw wrongType("an integer type");
        }
        return out;
    }

    /** The same values, stored as bfloat16, rounded to nearest even. */
    public HostTensor toBf16() {
        float[] values = floats();
        ByteBuffer out = buffer(values.length, Dtype.BF16);
        for (float value : values) {
            out.putShort(HalfFloats.toBf16(value));
        }
        return new HostTensor(Dtype.BF16, shape, out.flip());
    }

    static long elements(long[] shape) {
        long n = 1;
        for (long side : shape) {
            if (side < 0) {
                throw new IllegalArgumentException("shape: want no negative side, got " + Arrays.toString(shape));
            }
            n = Math.multiplyExact(n, side);
        }
        return n;
    }

    private IllegalArgumentException wrongType(String wanted) {
        return new IllegalArgumentException(
                "tensor of shape %s: want %s, got %s".formatted(Arrays.toString(shape), wanted, dtype));
    }

    private static ByteBuffer buffer(int elements, Dtype dtype) {
        return ByteBuffer.allocate(Math.multiplyExact(elements, dtype.bytes())).order(ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    public String toString() {
        return dtype + Arrays.toString(shape);
    }
}
