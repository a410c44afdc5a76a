package io.jepastream.ingest.wire;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.message.BinaryMessageDecoder;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.avro.message.MissingSchemaException;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.avro.util.ClassSecurityValidator;
import org.apache.avro.util.ClassSecurityValidator.ClassSecurityPredicate;

/**
 * Writes and reads one record type in Avro's single-object encoding (Avro 1.12 specification, "Single-object encoding"):
 * the marker {@code C3 01}, the little-endian CRC-64-AVRO fingerprint of the writer's schema, then the binary body.
 *
 * <p>Reads records of every schema that a release has written: the earlier ones lie beside the generated class, as
 * {@code NAME-1.avsc}, {@code NAME-2.avsc} and so on. The schema of a later release comes from {@link WriterSchemas}; fields
 * that are unknown here are passed over, and unknown enum symbols become the enum's default. Thread-safe.
 *
 * @param <T> the generated record class
 */
public final class Wire<T extends SpecificRecordBase> {
    private static final int HEADER_BYTES = 10;

    static {
        // Since 1.12.2 Avro makes only classes that it was told to trust: ours are the generated ones of these
        // packages.
        ClassSecurityPredicate others = ClassSecurityValidator.getGlobal();
        ClassSecurityValidator.setGlobal(ClassSecurityValidator.composite(others, Wire::isOurs));
    }

    private final Schema schema;
    private final BinaryMessageEncoder<T> encoder;
    private final BinaryMessageDecoder<T> decoder;
    private final WriterSchemas others;
    private final Map<Long, Schema> known = new ConcurrentHashMap<>(); // by fingerprint

    private Wire(Schema schema, SpecificData model, WriterSchemas others) {
        this.schema = schema;
        encoder = new BinaryMessageEncoder<>(model, schema, true);
        decoder = new BinaryMessageDecoder<>(model, schema, this::writer);
        this.others = others;
        known.put(fingerprint(schema), schema);
        earlier(schema, model.getClass(schema)).forEach(older -> known.put(fingerprint(older), older));
    }

    /**
     * The wire form of a generated record.
     *
     * @param schema the record's current schema ({@code T.getClassSchema()})
     * @param model the generated class's model ({@code T.MODEL$} by way of {@code new T().getSpecificData()})
     */
    public static <T extends SpecificRecordBase> Wire<T> of(Schema schema, SpecificData model) {
        return of(schema, model, WriterSchemas.NONE);
    }

    /**
     * As {@link #of(Schema, SpecificData)}, and reads what later releases write.
     *
     * @param others where schemas are found that this release does not have
     */
    public static <T extends SpecificRecordBase> Wire<T> of(Schema schema, SpecificData model, WriterSchemas others) {
        return new Wire<>(schema, model, others);
    }

    /** Frames: cameras to the {@code frames} topic. */
    public static Wire<Frame> frames() {
        return frames(WriterSchemas.NONE);
    }

    /** Frames, of later releases too. */
    public static Wire<Frame> frames(WriterSchemas others) {
        return of(Frame.getClassSchema(), new Frame().getSpecificData(), others);
    }

    /** Clips: the {@code clips} topic. */
    public static Wire<Clip> clips() {
        return clips(WriterSchemas.NONE);
    }

    /** Clips, of later releases too. */
    public static Wire<Clip> clips(WriterSchemas others) {
        return of(Clip.getClassSchema(), new Clip().getSpecificData(), others);
    }

    /** Gaps: the {@code clip-gaps} topic. */
    public static Wire<ClipGap> gaps() {
        return gaps(WriterSchemas.NONE);
    }

    /** Gaps, of later releases too. */
    public static Wire<ClipGap> gaps(WriterSchemas others) {
        return of(ClipGap.getClassSchema(), new ClipGap().getSpecificData(), others);
    }

    /**
     * Every schema that a release has written, the oldest first: {@code NAME-1.avsc} and on, beside the generated class.
     *
     * @param schema the record's current schema
     * @param type the generated class
     */
    public static List<Schema> earlier(Schema schema, Class<?> type) {
        List<Schema> found = new ArrayList<>();
        while (true) {
            String name = "%s-%d.avsc".formatted(schema.getName(), found.size() + 1);
            try (InputStream in = type.getResourceAsStream(name)) {
                if (in == null) {
                    return found;
                }
                found.add(new Schema.Parser().parse(in));
            } catch (IOException e) {
                throw new UncheckedIOException("reading schema %s failed".formatted(name), e);
            }
        }
    }

    private Schema writer(long fingerprint) {
        Schema writer = known.get(fingerprint);
        if (writer == null) {
            writer = others.find(fingerprint)
                    .filter(found -> found.getFullName().equals(schema.getFullName()))
                    .orElseThrow(() -> new MissingSchemaException("no such schema of a %s is known".formatted(name())));
            known.put(fingerprint, writer);
        }
        return writer;
    }

    /**
     * Also reads records that were written with this schema.
     *
     * @param older a schema of an earlier release
     * @return this
     */
    public Wire<T> knows(Schema older) {
        known.put(fingerprint(older), older);
        return this;
    }

    private static boolean isOurs(Class<?> type) {
        return type.getName().startsWith("io.jepastream.")
                && type.getPackageName().endsWith(".wire");
    }

    /** The record's name, for messages. */
    public String name() {
        return schema.getName();
    }

    /** The record as it goes into Kafka. */
    public byte[] write(T record) {
        try {
            return bytes(encoder.encode(record)); // a copy of the encoder's own
        } catch (IOException e) {
            throw new IllegalStateException("writing a %s to memory failed".formatted(name()), e);
        }
    }

    /**
     * The record behind these bytes.
     *
     * @throws WireException if the bytes are not this record, or not whole; no room is made for what is not there
     */
    public T read(byte[] bytes) throws WireException {
        if (bytes.length < HEADER_BYTES || bytes[0] != (byte) 0xC3 || bytes[1] != 1) {
            throw new WireException("%s: want Avro single-object encoding (C3 01 + fingerprint), got %d bytes %s"
                    .formatted(name(), bytes.length, head(bytes)));
        }
        try {
            Schema writer = writer(fingerprintOf(bytes));
            BodyCheck.check(writer, ByteBuffer.wrap(bytes, HEADER_BYTES, bytes.length - HEADER_BYTES));
            return decoder.decode(bytes);
        } catch (IOException | AvroRuntimeException | IndexOutOfBoundsException | ClassCastException e) {
            throw new WireException(
                    "%s: want schema fingerprint %016x, got %016x and %d bytes: %s"
                            .formatted(name(), fingerprint(schema), fingerprintOf(bytes), bytes.length, e.getMessage()),
                    e);
        }
    }

    /** The content of a bytes field: the buffer's own array where it is just that, else a copy. Read only. */
    public static byte[] bytes(ByteBuffer field) {
        boolean whole = field.hasArray()
                && field.arrayOffset() == 0
                && field.position() == 0
                && field.remaining() == field.array().length;
        if (whole) {
            return field.array();
        }
        byte[] copy = new byte[field.remaining()];
        field.duplicate().get(copy);
        return copy;
    }

    private static long fingerprint(Schema schema) {
        return SchemaNormalization.parsingFingerprint64(schema);
    }

    private static long fingerprintOf(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong(2);
    }

    private static String head(byte[] bytes) {
        return HexFormat.ofDelimiter(" ").formatHex(bytes, 0, Math.min(bytes.length, HEADER_BYTES));
    }
}
