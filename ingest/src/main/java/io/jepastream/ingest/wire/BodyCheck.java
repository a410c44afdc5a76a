package io.jepastream.ingest.wire;

import java.nio.ByteBuffer;
import org.apache.avro.Schema;

/**
 * Walks over the binary body of a record before Avro reads it. Avro makes room for as many bytes or items as a length says,
 * up to 2^31, and only then looks whether they are there: a record of 42 bytes would end the process.
 */
final class BodyCheck {
    private static final int VARINT_BYTES = 10;

    private final String name;
    private final ByteBuffer body;

    private BodyCheck(String name, ByteBuffer body) {
        this.name = name;
        this.body = body;
    }

    /**
     * Checks that all lengths stay within the body.
     *
     * @param writer the schema that the body was written with
     * @param body from its first byte on
     * @throws WireException if one does not
     */
    static void check(Schema writer, ByteBuffer body) throws WireException {
        new BodyCheck(writer.getName(), body).walk(writer);
    }

    private void walk(Schema schema) throws WireException {
        switch (schema.getType()) {
            case RECORD -> {
                for (Schema.Field field : schema.getFields()) {
                    walk(field.schema());
                }
            }
            case ARRAY -> blocks(schema.getElementType(), false);
            case MAP -> blocks(schema.getValueType(), true);
            case UNION -> walk(branch(schema));
            case STRING, BYTES -> skip(varint());
            case FIXED -> skip(schema.getFixedSize());
            case INT, LONG, ENUM -> varint();
            case BOOLEAN -> skip(1);
            case FLOAT -> skip(Float.BYTES);
            case DOUBLE -> skip(Double.BYTES);
            case NULL -> {}
        }
    }

    /** Items in blocks: a count, negative if the block's bytes follow, then so many items; an empty block is the last. */
    private void blocks(Schema item, boolean keyed) throws WireException {
        for (long count = varint(); count != 0; count = varint()) {
            if (count < 0) {
                varint();
            }
            long items = Math.abs(count);
            if (items < 0 || items > body.remaining()) {
                throw bad(Long.toUnsignedString(items) + " items");
            }
            for (long i = 0; i < items; i++) {
                if (keyed) {
                    skip(varint());
                }
                walk(item);
            }
        }
    }

    private Schema branch(Schema union) throws WireException {
        long index = varint();
        if (index < 0 || index >= union.getTypes().size()) {
            throw new WireException("%s: want one of %d branches, got number %d"
                    .formatted(name, union.getTypes().size(), index));
        }
        return union.getTypes().get((int) index);
    }

    private void skip(long bytes) throws WireException {
        if (bytes < 0 || bytes > body.remaining()) {
            throw bad(bytes + " bytes");
        }
        body.position(body.position() + (int) bytes);
    }

    /** A zigzag integer of variable length. */
    private long varint() throws WireException {
        long value = 0;
        for (int i = 0; i < VARINT_BYTES; i++) {
            if (!body.hasRemaining()) {
                throw bad("a number");
            }
            byte next = body.get();
            value |= (long) (next & 0x7F) << (7 * i);
            if (next >= 0) {
                return (value >>> 1) ^ -(value & 1);
            }
        }
        throw new WireException("%s: want numbers of at most %d bytes, got more".formatted(name, VARINT_BYTES));
    }

    private WireException bad(String announced) {
        return new WireException(
                "%s: want %s, as it says, got only %d bytes more".formatted(name, announced, body.remaining()));
    }
}
