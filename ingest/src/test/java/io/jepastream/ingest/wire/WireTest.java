package io.jepastream.ingest.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.message.BinaryMessageDecoder;
import org.apache.avro.message.BinaryMessageEncoder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WireTest {
    private static final Frame FRAME = Frame.newBuilder()
            .setCamera("door")
            .setSession(1_700_000_000_000_001L)
            .setSequence(2)
            .setCapturedAt(1_700_000_000_000_003L)
            .setWidth(4)
            .setHeight(5)
            .setEncoding(ImageEncoding.PNG)
            .setData(ByteBuffer.wrap(new byte[] {6, 7}))
            .setEndOfStream(true)
            .setShed(8)
            .setDecodeErrors(9)
            .build();
    private static final Clip CLIP = Clip.newBuilder()
            .setCamera("door")
            .setStart(1)
            .setEnd(2)
            .setSession(3)
            .setFrameTimes(List.of(4L, 5L))
            .setSourceFrames(6)
            .setMissing(List.of(1))
            .setFrames(List.of(
                    new ClipFrame(7, 8, ImageEncoding.JPEG, ByteBuffer.wrap(new byte[] {9}), -1),
                    new ClipFrame(7, 8, ImageEncoding.JPEG, ByteBuffer.allocate(0), 0)))
            .build();
    private static final ClipGap GAP = ClipGap.newBuilder()
            .setCamera("door")
            .setStart(1)
            .setEnd(2)
            .setWindows(3)
            .setSession(4)
            .setReason(GapReason.SHED)
            .setFramesSeen(5)
            .setSlotsFilled(6)
            .build();

    /** What the first release wrote is read for ever: these files are never changed, only added to. */
    @Test
    void recordsOfRelease1_areRead() throws Exception {
        assertThat(Wire.frames().read(committed("Frame-1"))).isEqualTo(FRAME);
        assertThat(Wire.clips().read(committed("Clip-1"))).isEqualTo(CLIP);
        assertThat(Wire.gaps().read(committed("ClipGap-1"))).isEqualTo(GAP);
    }

    @Test
    void recordOfAnEarlierSchema_isRead_onceTheSchemaIsKnown() throws Exception {
        Schema older = new Schema.Parser()
                .parse("{'type':'record','name':'Frame','namespace':'io.jepastream.ingest.wire','fields':["
                                .replace('\'', '"')
                        + List.of("camera string", "session long", "sequence long", "captured_at long").stream()
                                .map(field -> field.split(" "))
                                .map(field -> "{\"name\":\"%s\",\"type\":\"%s\"}".formatted(field[0], field[1]))
                                .collect(java.util.stream.Collectors.joining(","))
                        + ",{\"name\":\"encoding\",\"type\":"
                        + Frame.getClassSchema().getField("encoding").schema() + "}]}");
        GenericRecord record = new GenericData.Record(older);
        record.put("camera", "door");
        record.put("session", 1L);
        record.put("sequence", 2L);
        record.put("captured_at", 3L);
        record.put(
                "encoding",
                new GenericData.EnumSymbol(older.getField("encoding").schema(), "JPEG"));
        ByteBuffer bytes = new BinaryMessageEncoder<GenericRecord>(GenericData.get(), older).encode(record);
        byte[] wire = new byte[bytes.remaining()];
        bytes.get(wire);

        assertThatThrownBy(() -> Wire.frames().read(wire)).isInstanceOf(WireException.class);
        Frame read = Wire.frames().knows(older).read(wire);
        assertThat(read.getCapturedAt()).isEqualTo(3);
        assertThat(read.getShed()).isZero();
    }

    @Test
    void publishedSchemaAlone_isEnoughToRead() throws Exception {
        Schema schema = new Schema.Parser().parse(resource("/io/jepastream/ingest/Clip.avsc"));
        GenericRecord clip = new BinaryMessageDecoder<GenericRecord>(new GenericData(), schema)
                .decode(Wire.clips().write(CLIP));
        assertThat(clip.get("start")).isEqualTo(1L);
        assertThat((List<?>) clip.get("frames")).hasSize(2);
    }

    @Test
    void randomAndDamagedBytes_areRefused_withoutTakingMuchMemory() {
        Random random = new Random(20261123);
        byte[] good = Wire.clips().write(CLIP);
        Wire<Clip> wire = Wire.clips();
        for (int round = 0; round < 20_000; round++) {
            byte[] bytes = good.clone();
            for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
                bytes[10 + random.nextInt(bytes.length - 10)] = (byte) random.nextInt();
            }
            byte[] cut = Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
            try {
                assertThat(wire.read(random.nextBoolean() ? cut : bytes)).isNotNull();
            } catch (WireException e) {
                assertThat(e).hasMessageStartingWith("Clip: want");
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "frames,08646f6f720202020202028080808020,'want 4294967296 bytes, as it says, got only'",
        "frames,08646f6f72020202020202ffffffff0f,'want -2147483648 bytes, as it says, got only 0'",
        "clips,08646f6f72020202feffffff0f,'want 2147483647 items, as it says, got only 0'",
        "clips,08646f6f72020202ffffffff0f02,'want 2147483648 items, as it says, got only 0'",
        "clips,08646f6f72020202ffffffffffffffffff0102,'want 9223372036854775808 items, as it says, got only 0'",
        "clips,08646f6f72020202ffffffffffffffffffffff,'want numbers of at most 10 bytes'",
        "clips,08646f6f,'want 4 bytes, as it says, got only 3'"
    })
    void lengthBeyondTheRecord_isRefusedBeforeRoomIsMadeForIt(String topic, String body, String message) {
        boolean frames = topic.equals("frames");
        byte[] good = frames ? Wire.frames().write(FRAME) : Wire.clips().write(CLIP);
        byte[] tail = HexFormat.of().parseHex(body);
        byte[] bytes = Arrays.copyOf(good, 10 + tail.length);
        System.arraycopy(tail, 0, bytes, 10, tail.length);
        assertThatThrownBy(() -> (frames ? Wire.frames() : Wire.clips()).read(bytes))
                .isInstanceOf(WireException.class)
                .hasMessageContaining(message);
    }

    private static byte[] committed(String name) throws IOException {
        try (InputStream in = resource("/wire/" + name + ".hex")) {
            return HexFormat.of().parseHex(new String(in.readAllBytes(), UTF_8).strip());
        }
    }

    private static InputStream resource(String name) {
        InputStream in = WireTest.class.getResourceAsStream(name);
        assertThat(in).as(name).isNotNull();
        return in;
    }
}
