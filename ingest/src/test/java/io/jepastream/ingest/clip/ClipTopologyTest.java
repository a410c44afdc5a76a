package io.jepastream.ingest.clip;

import static io.jepastream.ingest.clip.Frames.SECOND;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.jepastream.ingest.wire.Clip;
import io.jepastream.ingest.wire.ClipGap;
import io.jepastream.ingest.wire.DeadLetter;
import io.jepastream.ingest.wire.Frame;
import io.jepastream.ingest.wire.ImageEncoding;
import io.jepastream.ingest.wire.Topics;
import io.jepastream.ingest.wire.Wire;
import io.jepastream.ingest.wire.WireException;
import io.jepastream.ingest.wire.WriterSchemas;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.TreeMap;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClipTopologyTest {
    private static final long T0 = 946_684_800 * SECOND;

    @TempDir
    Path directory;

    private final Wire<Frame> frames = Wire.frames();
    private int drivers;

    @Test
    void picture_isTheSameAsEver() {
        assertThat(ClipTopology.build(ClipConfig.defaults(), WriterSchemas.NONE, new SimpleMeterRegistry())
                        .describe()
                        .toString()
                        .replaceAll("\\s+", " "))
                .isEqualTo("Topologies: Sub-topology: 0 Source: frames-source (topics: [frames]) --> assemble"
                        + " Processor: assemble (stores: [clip-cameras, clip-pictures])"
                        + " --> clip-gaps-sink, clips-sink, dead-letters-sink <-- frames-source"
                        + " Sink: clip-gaps-sink (topic: clip-gaps) <-- assemble"
                        + " Sink: clips-sink (topic: clips) <-- assemble"
                        + " Sink: dead-letters-sink (topic: dead-letters) <-- assemble ");
    }

    @Test
    void camerasAnHourApart_doNotDisturbEachOther() throws WireException {
        List<Frame> early = footage("early", T0, 20);
        List<Frame> late = footage("late", T0 + 3600 * SECOND, 20);
        List<Frame> both = new ArrayList<>();
        for (int i = 0; i < early.size(); i++) {
            both.add(late.get(i));
            both.add(early.get(i));
        }

        Map<String, List<TestRecord<byte[], byte[]>>> out = run(both);

        assertThat(out.get(Topics.CLIPS)).hasSize(12);
        assertThat(clipsOf("early", out)).isEqualTo(clipsOf("early", run(early)));
        assertThat(clipsOf("late", out)).isEqualTo(clipsOf("late", run(late)));
    }

    @Test
    void sameLogTwice_givesTheSameBytesHeadersAndTimes() throws WireException {
        List<Frame> log = footage("cam", T0, 20);
        assertThat(bytes(run(log))).isEqualTo(bytes(run(log))).hasSizeGreaterThan(10_000);
    }

    /** Frames doubled, reordered within the lateness, of two cameras interleaved at random: the offline path agrees, bit for bit. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 5, 8, 13, 21, 34, 55, 89})
    void disorderWithinTheLateness_changesNoClip(long seed) throws WireException {
        Random random = new Random(seed);
        List<Frame> a = disturbed(footage("a", T0, 25), random);
        List<Frame> b = disturbed(footage("b", T0 + 1234567, 25), random);
        List<Frame> log = new ArrayList<>();
        int atA = 0;
        int atB = 0;
        while (atA < a.size() || atB < b.size()) {
            boolean takeA = atB == b.size() || (atA < a.size() && random.nextBoolean());
            log.add(takeA ? a.get(atA++) : b.get(atB++));
        }

        Map<String, List<TestRecord<byte[], byte[]>>> out = run(log);

        assertThat(clipsOf("a", out)).as("seed %d", seed).isEqualTo(offline(footage("a", T0, 25)));
        assertThat(clipsOf("b", out)).as("seed %d", seed).isEqualTo(offline(footage("b", T0 + 1234567, 25)));
    }

    @Test
    void clip_saysItsStartInItsHeader_andTheTimeOfItsCause() throws WireException {
        TestRecord<byte[], byte[]> clip =
                run(footage("cam", T0, 6)).get(Topics.CLIPS).get(1);

        assertThat(new String(
                        clip.headers().lastHeader(Topics.HEADER_CLIP_START).value(), UTF_8))
                .isEqualTo(Long.toString(T0 + 3 * SECOND));
        assertThat(new String(clip.key(), UTF_8)).isEqualTo("cam");
    }

    @Test
    void whatIsNoFrame_goesToDeadLettersAsItCame_andTheStreamGoesOn() throws WireException {
        Frame good = Frames.at("cam", 1, 0, T0);
        byte[] truncated = Arrays.copyOf(frames.write(good), 40);
        byte[] clip = Wire.gaps()
                .write(io.jepastream.ingest.wire.ClipGap.newBuilder()
                        .setCamera("cam")
                        .setStart(0)
                        .setEnd(1)
                        .setSession(1)
                        .setReason(io.jepastream.ingest.wire.GapReason.LATE)
                        .setFramesSeen(0)
                        .build());
        byte[] tiny = frames.write(picture(1, 1, new byte[3], ImageEncoding.RGB24));
        byte[] vast = frames.write(picture(20_000, 20_000, new byte[3], ImageEncoding.RGB24));
        byte[] large = frames.write(picture(3000, 3000, jpegOf(3000), ImageEncoding.JPEG));
        byte[] garbage = frames.write(picture(320, 240, "no picture".getBytes(UTF_8), ImageEncoding.JPEG));
        try (TopologyTestDriver driver = driver()) {
            TestInputTopic<byte[], byte[]> in = input(driver);
            for (byte[] bad :
                    List.of("rubbish".getBytes(UTF_8), new byte[0], truncated, clip, tiny, vast, garbage, large)) {
                in.pipeInput("cam".getBytes(UTF_8), bad);
            }
            in.pipeInput("other".getBytes(UTF_8), frames.write(good));
            footage("cam", T0, 6).forEach(frame -> in.pipeInput("cam".getBytes(UTF_8), frames.write(frame)));

            List<TestRecord<byte[], byte[]>> dead = output(driver, Topics.DEAD_LETTERS);
            assertThat(dead.stream().map(record -> header(record, DeadLetter.MESSAGE)))
                    .satisfiesExactly(
                            message -> assertThat(message).contains("want Avro single-object encoding"),
                            message -> assertThat(message).contains("got 0 bytes"),
                            message -> assertThat(message).startsWith("Frame:"),
                            message -> assertThat(message).contains("want schema fingerprint"),
                            message -> assertThat(message).contains("1x1"),
                            message -> assertThat(message).contains("20000x20000"),
                            message -> assertThat(message).containsIgnoringCase("JPEG"),
                            message -> assertThat(message).contains("want at most 4194304 pixels, so that a clip fits"),
                            message -> assertThat(message).contains("'cam' as the record's key, got other"));
            assertThat(dead.get(0).value()).isEqualTo("rubbish".getBytes(UTF_8));
            assertThat(header(dead.get(2), DeadLetter.OFFSET)).isEqualTo("2");
            assertThat(header(dead.get(2), DeadLetter.TOPIC)).isEqualTo(Topics.FRAMES);
            assertThat(header(dead.get(2), DeadLetter.STAGE)).isEqualTo("assemble");
            assertThat(output(driver, Topics.CLIPS)).hasSize(2);
        }
    }

    /** The header of a baseline JPEG of this many pixels a side, and its end. */
    private static byte[] jpegOf(int side) {
        return ByteBuffer.allocate(25)
                .putLong(0xFFD8FFC000110800L | side >>> 8)
                .put((byte) side)
                .putShort((short) side)
                .put(new byte[] {3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1, 0, 0})
                .putShort((short) 0xFFD9)
                .array();
    }

    @Test
    void gapsGoToTheirTopic() throws WireException {
        List<TestRecord<byte[], byte[]>> gaps = run(footage("cam", T0, 7)).get(Topics.CLIP_GAPS);
        ClipGap gap = Wire.gaps().read(gaps.get(0).value());
        assertThat(gaps).hasSize(1);
        assertThat(gap.getStart()).isEqualTo(T0 + 6 * SECOND);
    }

    private static Frame picture(int width, int height, byte[] data, ImageEncoding encoding) {
        return Frames.builder("cam", 1, 0, T0)
                .setWidth(width)
                .setHeight(height)
                .setEncoding(encoding)
                .setData(ByteBuffer.wrap(data))
                .build();
    }

    private static List<Frame> footage(String camera, long start, int seconds) {
        List<Frame> all = new ArrayList<>();
        for (int i = 0; i < seconds * 10; i++) {
            all.add(Frames.at(camera, 7, i, start + i * SECOND / 10));
        }
        all.add(Frames.end(camera, 7, start + seconds * SECOND));
        return all;
    }

    /** Some frames twice, each up to 400 ms later than it should come; the end stays last. */
    private static List<Frame> disturbed(List<Frame> frames, Random random) {
        TreeMap<Long, Frame> byArrival = new TreeMap<>();
        for (Frame frame : frames.subList(0, frames.size() - 1)) {
            for (int copies = random.nextInt(4) == 0 ? 2 : 1; copies > 0; copies--) {
                byArrival.put(frame.getCapturedAt() + random.nextInt(400_000), frame);
            }
        }
        List<Frame> all = new ArrayList<>(byArrival.values());
        all.add(frames.get(frames.size() - 1));
        return all;
    }

    private Map<String, List<TestRecord<byte[], byte[]>>> run(List<Frame> log) {
        try (TopologyTestDriver driver = driver()) {
            TestInputTopic<byte[], byte[]> in = input(driver);
            log.forEach(frame -> in.pipeInput(frame.getCamera().getBytes(UTF_8), frames.write(frame)));
            assertThat(output(driver, Topics.DEAD_LETTERS)).isEmpty();
            return Map.of(
                    Topics.CLIPS, output(driver, Topics.CLIPS), Topics.CLIP_GAPS, output(driver, Topics.CLIP_GAPS));
        }
    }

    private static List<Clip> clipsOf(String camera, Map<String, List<TestRecord<byte[], byte[]>>> out)
            throws WireException {
        List<Clip> clips = new ArrayList<>();
        for (TestRecord<byte[], byte[]> record : out.getOrDefault(Topics.CLIPS, List.of())) {
            Clip clip = Wire.clips().read(record.value());
            if (clip.getCamera().equals(camera)) {
                clips.add(clip);
            }
        }
        return clips;
    }

    private static List<Clip> offline(List<Frame> log) throws WireException {
        List<Clip> clips = new ArrayList<>();
        OfflineClips assembler = new OfflineClips(ClipConfig.defaults(), new Collector(clips, new ArrayList<>()));
        for (Frame frame : log) {
            assembler.accept(frame);
        }
        return clips;
    }

    private static String bytes(Map<String, List<TestRecord<byte[], byte[]>>> out) {
        StringBuilder text = new StringBuilder();
        new TreeMap<>(out)
                .forEach((topic, records) -> records.forEach(record -> text.append(topic)
                        .append(HexFormat.of().formatHex(record.key()))
                        .append(HexFormat.of().formatHex(record.value()))
                        .append(record.headers())
                        .append(record.timestamp())));
        return text.toString();
    }

    private static String header(TestRecord<byte[], byte[]> record, String name) {
        return new String(record.headers().lastHeader(name).value(), UTF_8);
    }

    private TopologyTestDriver driver() {
        Properties properties = new Properties();
        properties.put(
                StreamsConfig.STATE_DIR_CONFIG,
                directory.resolve("run" + drivers++).toString());
        return new TopologyTestDriver(
                ClipTopology.build(ClipConfig.defaults(), WriterSchemas.NONE, new SimpleMeterRegistry()),
                properties,
                Instant.EPOCH);
    }

    private static TestInputTopic<byte[], byte[]> input(TopologyTestDriver driver) {
        return driver.createInputTopic(Topics.FRAMES, new ByteArraySerializer(), new ByteArraySerializer());
    }

    private static List<TestRecord<byte[], byte[]>> output(TopologyTestDriver driver, String topic) {
        return driver.createOutputTopic(topic, new ByteArrayDeserializer(), new ByteArrayDeserializer())
                .readRecordsToList();
    }
}
