package io.jepastream.encoder.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A tensor in ordinary or mapped memory: type, shape and little-endian row-major bytes, at most 2 GiB. It owns no native
 * resource of the engine, so any thread may hold one and nobody closes it.
 */
public final class HostTensor {
    private final Dtype dtype;
    private final long[] shape;
    private final List<ByteBuffer> data; // one after the other
    private final int byteSize;

    HostTensor(Dtype dtype, long[] shape, ByteBuffer data) {
        this(dtype, shape, List.of(data.slice().asReadOnlyBuffer()));
    }

    private HostTensor(Dtype dtype, long[] shape, List<ByteBuffer> data) {
        long wanted = Math.multiplyExact(elements(shape), dtype.bytes());
        long got = data.stream().mapToLong(ByteBuffer::remaining).sum();
        if (got != wanted) {
            throw new IllegalArgumentException(
                    "tensor of %s %s: want %d bytes, got %d".formatted(dtype, Arrays.toString(shape), wanted, got));
        }
        this.dtype = dtype;
        this.shape = shape.clone();
        this.data = List.copyOf(data);
        this.byteSize = Math.toIntExact(got);
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

    /**
     * The parts' values one after the other. They are put together anew whenever {@link #bytes()} is asked for, so that
     * a model made of mapped parts is never in memory whole.
     *
     * @param parts of one type, at least one
     */
    public static HostTensor joined(List<HostTensor> parts, long... shape) {
        Dtype dtype = parts.get(0).dtype;
        List<ByteBuffer> data = new ArrayList<>();
        for (HostTensor part : parts) {
            if (part.dtype != dtype) {
                throw new IllegalArgumentException("parts: want all of type %s, got %s".formatted(dtype, part));
            }
            data.addAll(part.data);
        }
        return new HostTensor(dtype, shape, data);
    }

    /** A tensor of this shape over the values from element {@code from} on; it shares the bytes where it can. */
    public HostTensor slice(int from, long... sides) {
        int bytes = Math.toIntExact(Math.multiplyExact(elements(sides), dtype.bytes()));
        return new HostTensor(dtype, sides, bytes().slice(Math.multiplyExact(from, dtype.bytes()), bytes));
    }

    public Dtype dtype() {
        return dtype;
    }

    public long[] shape() {
        return shape.clone();
    }

    /** Number of elements. */
    public int size() {
        return byteSize / dtype.bytes();
    }

    /** Number of bytes. */
    public int byteSize() {
        return byteSize;
    }

    /** The little-endian bytes, read only, positioned at the first element. */
    public ByteBuffer bytes() {
        if (data.size() == 1) {
            return data.get(0).duplicate().order(ByteOrder.LITTLE_ENDIAN);
        }
        ByteBuffer whole = ByteBuffer.allocate(byteSize);
        data.forEach(part -> whole.put(part.duplicate()));
        return whole.flip().asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
    }

    /** The same bytes in pieces of at most {@code limit}, for writers: one after the other, nothing put together. */
    public List<ByteBuffer> pieces(int limit) {
        List<ByteBuffer> pieces = new ArrayList<>();
        for (ByteBuffer part : data) {
            for (int at = 0; at < part.remaining(); at += limit) {
                pieces.add(part.slice(at, Math.min(limit, part.remaining() - at)));
            }
        }
        return pieces;
    }

    /** Index of the first value that is infinite or not a number, -1 where there is none; for the floating types. */
    public int firstNonFinite() {
        int base = 0;
        for (ByteBuffer part : data) {
            int at = firstNonFinite(part.duplicate().order(ByteOrder.LITTLE_ENDIAN));
            if (at >= 0) {
                return base + at;
            }
            base += part.remaining() / dtype.bytes();
        }
        return -1;
    }

    private int firstNonFinite(ByteBuffer in) {
        int width = dtype.bytes();
        for (int at = 0; at < in.remaining(); at += width) {
            boolean finite = switch (dtype) {
                case F32 -> (in.getInt(at) & 0x7F800000) != 0x7F800000;
                case F64 -> Double.isFinite(in.getDouble(at));
                case BF16 -> (in.getShort(at) & 0x7F80) != 0x7F80;
                case F16 -> (in.getShort(at) & 0x7C00) != 0x7C00;
                case I64, I32, I16, I8, U8, BOOL -> true;
            };
            if (!finite) {
                return at / width;
            }
        }
        return -1;
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

    /** The same values, stored as float16, rounded to nearest even; those beyond 65504 become infinite. */
    public HostTensor toF16() {
        float[] values = floats();
        ByteBuffer out = buffer(values.length, Dtype.F16);
        for (float value : values) {
            out.putShort(HalfFloats.toF16(value));
        }
        return new HostTensor(Dtype.F16, shape, out.flip());
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
