package io.jepastream.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.jepastream.app.kafka.Schemas;
import io.jepastream.encoder.wire.Embedding;
import io.jepastream.ingest.wire.Clip;
import io.jepastream.ingest.wire.ClipFrame;
import io.jepastream.ingest.wire.ClipGap;
import io.jepastream.ingest.wire.DeadLetter;
import io.jepastream.ingest.wire.Frame;
import io.jepastream.ingest.wire.GapReason;
import io.jepastream.ingest.wire.ImageEncoding;
import io.jepastream.ingest.wire.Topics;
import io.jepastream.ingest.wire.Wire;
import io.jepastream.ingest.wire.WireException;
import io.jepastream.ingest.wire.WriterSchemas;
import io.jepastream.probeheads.wire.ActionLabels;
import io.jepastream.probeheads.wire.Label;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What a release has written is read for ever, and what a later one writes does not break today's reader.
 *
 * <p>Each schema that was ever written has a copy {@code NAME-N.avsc} beside the generated class, and a whole record
 * {@code NAME-N.txt} with its values {@code NAME-N.json} here. They are never changed, only added to: after a change of a
 * schema copy it as the next {@code NAME-N.avsc}, then {@code mvn verify -pl app -am -Dtest=SchemasTest -Dwire.write=true} writes
 * the next two files.
 */
class SchemasTest {
    private static final boolean WRITE = Boolean.getBoolean("wire.write");
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final RecordMetadata AT = new RecordMetadata() {
        @Override
        public String topic() {
            return Topics.FRAMES;
        }

        @Override
        public int partition() {
            return 3;
        }

        @Override
        public long offset() {
            return 12;
        }
    };

    /** One record type: its topic, a record of today's schema, and how it is read. */
    private record Kind(String topic, SpecificRecordBase sample) {
        Schema schema() {
            return sample.getSchema();
        }

        String name() {
            return schema().getName();
        }

        List<Schema> written() {
            return Wire.earlier(schema(), sample.getClass());
        }

        Wire<SpecificRecordBase> wire(WriterSchemas others) {
            return Wire.of(schema(), sample.getSpecificData(), others);
        }

        @Override
        public String toString() {
            return name();
        }
    }

    static Stream<Kind> kinds() {
        return Stream.of(
                new Kind(
                        Topics.FRAMES,
                        Frame.newBuilder()
                                .setCamera("d\u00F6\u00F6r")
                                .setSession(1_700_000_000_000_001L)
                                .setSequence(2)
                                .setCapturedAt(1_700_000_000_000_003L)
                                .setWidth(4)
                                .setHeight(5)
                                .setEncoding(ImageEncoding.PNG)
                                .setData(bytes(6, 7))
                                .setEndOfStream(true)
                                .setShed(8)
                                .setDecodeErrors(9)
                                .build()),
                new Kind(
                        Topics.CLIPS,
                        Clip.newBuilder()
                                .setCamera("d\u00F6\u00F6r")
                                .setStart(1_700_000_001_000_000L)
                                .setEnd(1_700_000_004_000_000L)
                                .setSession(3)
                                .setFrameTimes(List.of(4L, 5L))
                                .setSourceFrames(6)
                                .setMissing(List.of(1))
                                .setFrames(List.of(
                                        new ClipFrame(7, 8, ImageEncoding.JPEG, bytes(9), -1),
                                        new ClipFrame(7, 8, ImageEncoding.JPEG, bytes(), 0)))
                                .build()),
                new Kind(
                        Topics.CLIP_GAPS,
                        ClipGap.newBuilder()
                                .setCamera("d\u00F6\u00F6r")
                                .setStart(1)
                                .setEnd(2)
                                .setWindows(3)
                                .setSession(4)
                                .setReason(GapReason.SHED)
                                .setFramesSeen(5)
                                .setSlotsFilled(6)
                                .build()),
                new Kind(
                        Topics.EMBEDDINGS,
                        Embedding.newBuilder()
                                .setCamera("d\u00F6\u00F6r")
                                .setStart(1)
                                .setEnd(2)
                                .setModel("tiny")
                                .setModelDigest("00ff")
                                .setPreprocessing("crop/1")
                                .setPrecision("bf16")
                                .setPooling("mean")
                                .setRows(1)
                                .setDim(2)
                                .setVector(bytes(0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0))
                                .setMissing(List.of(3, 4))
                                .build()),
                new Kind(
                        Topics.ACTION_LABELS,
                        ActionLabels.newBuilder()
                                .setCamera("d\u00F6\u00F6r")
                                .setStart(1)
                                .setEnd(2)
                                .setHead("motion")
                                .setHeadDigest("11ee")
                                .setModelDigest("00ff")
                                .setLabels(List.of(new Label("pan left", 0.75f), new Label("roll", 0.25f)))
                                .build()));
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void everyRecordEverWritten_isReadToItsValues(Kind kind) throws IOException {
        writeNextIfAsked(kind);
        assertThat(kind.written()).isNotEmpty();
        for (int version = 1; version <= kind.written().size(); version++) {
            String file = "%s-%d".formatted(kind.name(), version);
            String text = RecordFile.committed(file + ".txt");
            String values = RecordFile.committed(file + ".json");
            assertThat(text)
                    .as("the record " + file + ".txt: see this class on how it is written")
                    .isNotNull();
            JsonNode read = JSON.readTree(line(kind, text));
            JSON.readTree(values)
                    .get("value")
                    .properties()
                    .forEach(field -> assertThat(read.get("value").get(field.getKey()))
                            .as("%s: %s", file, field.getKey())
                            .isEqualTo(field.getValue()));
            assertThat(read.get("headers")).isEqualTo(JSON.readTree(values).get("headers"));
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void todaysSchema_isTheLastThatWasCommitted_andWritesTheSameBytes(Kind kind) throws Exception {
        int last = kind.written().size();
        assertThat(Schemas.fingerprint(kind.schema()))
                .as("%s.avsc has changed: want its copy as %s-%d.avsc, and its files", kind, kind, last + 1)
                .isEqualTo(Schemas.fingerprint(kind.written().get(last - 1)));
        for (Schema.Field field :
                kind.written().get(last - 1).getFields()) { // the fingerprint says nothing of defaults
            assertThat(kind.schema().getField(field.name()).defaultVal())
                    .as("default of " + field.name())
                    .isEqualTo(field.defaultVal());
        }
        String text = RecordFile.committed("%s-%d.txt".formatted(kind.name(), last));
        assertThat(text).isNotNull();
        byte[] bytes = RecordFile.read(kind.topic(), text).value();
        Wire<SpecificRecordBase> wire = kind.wire(WriterSchemas.NONE);
        assertThat(wire.write(wire.read(bytes))).isEqualTo(bytes);
        assertThat(bytes).startsWith(0xC3, 0x01);
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void everyReleaseReadsEveryOther(Kind kind) {
        for (Schema reader : kind.written()) {
            for (Schema writer : kind.written()) {
                assertThat(SchemaCompatibility.checkReaderWriterCompatibility(reader, writer)
                                .getType())
                        .isEqualTo(SchemaCompatibilityType.COMPATIBLE);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void recordOfALaterRelease_isRead_withoutWhatIsUnknown(Kind kind) throws Exception {
        Schema later = LaterSchema.of(kind.schema());
        GenericRecord record = LaterSchema.record(later, kind.sample());
        byte[] bytes = encoded(later, record);

        assertThatThrownBy(() -> kind.wire(WriterSchemas.NONE).read(bytes)).isInstanceOf(WireException.class);
        SpecificRecordBase read = kind.wire(published(later)).read(bytes);
        for (Schema.Field field : kind.schema().getFields()) {
            Object want = field.hasDefaultValue() && later.getField(field.name()) == null
                    ? GenericData.get().getDefaultValue(field).toString()
                    : kind.sample().get(field.pos()).toString();
            assertThat(read.get(field.pos()).toString()).as(field.name()).isEqualTo(want);
        }
    }

    @Test
    void enumSymbolOfALaterRelease_isTheDefault() throws Exception {
        Schema gap = LaterSchema.withSymbol(ClipGap.getClassSchema(), "GapReason", "EARTHQUAKE");
        GenericRecord record = LaterSchema.record(gap, kindOf(Topics.CLIP_GAPS).sample());
        record.put("reason", new GenericData.EnumSymbol(gap.getField("reason").schema(), "EARTHQUAKE"));
        assertThat(Wire.gaps(published(gap)).read(encoded(gap, record)).getReason())
                .isEqualTo(GapReason.UNKNOWN);

        Schema frame = LaterSchema.withSymbol(Frame.getClassSchema(), "ImageEncoding", "AVIF");
        GenericRecord picture = LaterSchema.record(frame, kindOf(Topics.FRAMES).sample());
        picture.put(
                "encoding",
                new GenericData.EnumSymbol(frame.getField("encoding").schema(), "AVIF"));
        assertThat(Wire.frames(published(frame)).read(encoded(frame, picture)).getEncoding())
                .isEqualTo(ImageEncoding.UNKNOWN);
    }

    @Test
    void everyEnumHasADefault() {
        for (Schema schema : Schemas.WRITTEN) {
            for (Schema enumeration : LaterSchema.enums(schema)) {
                assertThat(enumeration.getEnumDefault())
                        .as(enumeration.getFullName())
                        .isNotNull();
            }
        }
    }

    @Test
    void schemaOfAnotherRecord_isRefused_andALogThatDoesNotAnswer_isNoReasonToGiveARecordUp() {
        byte[] gap = kindOf(Topics.CLIP_GAPS)
                .wire(WriterSchemas.NONE)
                .write(kindOf(Topics.CLIP_GAPS).sample());
        assertThatThrownBy(
                        () -> Wire.frames(published(ClipGap.getClassSchema())).read(gap))
                .isInstanceOf(WireException.class)
                .hasMessageContaining("no such schema of a Frame");
        WriterSchemas away = fingerprint -> {
            throw new org.apache.kafka.common.errors.TimeoutException("the broker is away");
        };
        assertThatThrownBy(() -> Wire.frames(away).read(gap))
                .isInstanceOf(org.apache.kafka.common.errors.TimeoutException.class);
    }

    /** A dead letter has no schema: it is the record as it came, and headers. */
    @Test
    void deadLetter_keepsItsForm() throws IOException {
        Kind frames = kindOf(Topics.FRAMES);
        Record<byte[], byte[]> bad = new Record<>(
                "d\u00F6\u00F6r".getBytes(UTF_8),
                frames.wire(WriterSchemas.NONE).write(frames.sample()),
                5);
        Record<byte[], byte[]> letter = DeadLetter.of(bad, AT, "assemble", new WireException("want this, got that"));
        String text = RecordFile.write(letter.key(), letter.value(), letter.headers());
        if (WRITE && RecordFile.committed("DeadLetter-1.txt") == null) {
            Files.writeString(resources().resolve("DeadLetter-1.txt"), text);
            return;
        }
        assertThat(text).isEqualTo(RecordFile.committed("DeadLetter-1.txt"));
    }

    private static Kind kindOf(String topic) {
        return kinds().filter(kind -> kind.topic().equals(topic)).findFirst().orElseThrow();
    }

    private static WriterSchemas published(Schema later) {
        return fingerprint -> Optional.of(later).filter(schema -> Schemas.fingerprint(schema) == fingerprint);
    }

    private static byte[] encoded(Schema schema, GenericRecord record) throws IOException {
        ByteBuffer bytes = new BinaryMessageEncoder<GenericRecord>(GenericData.get(), schema).encode(record);
        byte[] copy = new byte[bytes.remaining()];
        bytes.get(copy);
        return copy;
    }

    private static String line(Kind kind, String text) {
        ConsumerRecord<byte[], byte[]> record = RecordFile.read(kind.topic(), text);
        return new RecordJson(true).line(kind.topic(), record);
    }

    private static void writeNextIfAsked(Kind kind) throws IOException {
        String file = "%s-%d".formatted(kind.name(), kind.written().size());
        if (!WRITE || RecordFile.committed(file + ".txt") != null) {
            return;
        }
        RecordHeaders headers = new RecordHeaders();
        if (!kind.topic().equals(Topics.FRAMES)) {
            headers.add(Topics.HEADER_CLIP_START, "1700000001000000".getBytes(UTF_8));
        }
        if (kind.topic().equals(Topics.EMBEDDINGS) || kind.topic().equals(Topics.ACTION_LABELS)) {
            headers.add(Topics.HEADER_MODEL, "tiny".getBytes(UTF_8));
        }
        byte[] value = kind.wire(WriterSchemas.NONE).write(kind.sample());
        String text = RecordFile.write("d\u00F6\u00F6r".getBytes(UTF_8), value, headers);
        Files.writeString(resources().resolve(file + ".txt"), text);
        Files.writeString(resources().resolve(file + ".json"), line(kind, text) + "\n");
        throw new AssertionError("%s was written: look at it, commit it, and run again".formatted(file));
    }

    private static Path resources() {
        return Path.of("src/test/resources/wire");
    }

    private static ByteBuffer bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return ByteBuffer.wrap(bytes);
    }
}
