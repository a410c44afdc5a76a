package io.jepastream.encoder.stream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jepastream.encoder.ClipResult;
import io.jepastream.encoder.PixelClip;
import io.jepastream.encoder.wire.Embedding;
import io.jepastream.ingest.media.Picture;
import io.jepastream.ingest.wire.Clip;
import io.jepastream.ingest.wire.ClipFrame;
import io.jepastream.ingest.wire.DeadLetter;
import io.jepastream.ingest.wire.ImageEncoding;
import io.jepastream.ingest.wire.Topics;
import io.jepastream.ingest.wire.Wire;
import io.jepastream.ingest.wire.WriterSchemas;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.errors.StreamsException;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EncodeTopologyTest {
    private static final int SLOTS = 4;
    private static final int SIDE = 16;

    @TempDir
    Path directory;

    private final Wire<Clip> clips = Wire.clips();
    private final Wire<Embedding> embeddings = Wire.of(Embedding.getClassSchema(), new Embedding().getSpecificData());
    private final GrayModel model = new GrayModel();
    private BatchedRunner runner;
    private TopologyTestDriver driver;
    private TestInputTopic<byte[], byte[]> in;

    @BeforeEach
    void start() {
        runner = new BatchedRunner(
                model, 1, Duration.ZERO, new BatchedRunner.Limits(Duration.ofSeconds(10), Duration.ofSeconds(10)));
        Properties properties = new Properties();
        properties.put(StreamsConfig.STATE_DIR_CONFIG, directory.toString());
        driver = new TopologyTestDriver(
                EncodeTopology.build(model, runner, WriterSchemas.NONE, new SimpleMeterRegistry()), properties);
        in = driver.createInputTopic(Topics.CLIPS, new ByteArraySerializer(), new ByteArraySerializer());
    }

    @AfterEach
    void stop() {
        driver.close();
        runner.close();
    }

    @Test
    void clip_becomesAnEmbedding_underItsNameAndItsModel() throws Exception {
        in.pipeInput("cam".getBytes(UTF_8), clips.write(clip("cam", 3_000_000, 7, 9)), 1234);

        TestRecord<byte[], byte[]> record = output(Topics.EMBEDDINGS).get(0);
        Embedding embedding = embeddings.read(record.value());
        assertThat(embedding.getStart()).isEqualTo(3_000_000);
        assertThat(embedding.getModelDigest()).isEqualTo("digest");
        assertThat(embedding.getVector().remaining()).isEqualTo(Float.BYTES);
        assertThat(embedding.getVector().order(java.nio.ByteOrder.LITTLE_ENDIAN).getFloat())
                .isEqualTo(8);
        assertThat(embedding.getMissing()).containsExactly(1);
        assertThat(record.timestamp()).isEqualTo(1234);
        assertThat(new String(
                        record.headers().lastHeader(Topics.HEADER_CLIP_START).value(), UTF_8))
                .isEqualTo("3000000");
        assertThat(new String(record.headers().lastHeader(Topics.HEADER_MODEL).value(), UTF_8))
                .isEqualTo("gray");
        assertThat(output(Topics.DEAD_LETTERS)).isEmpty();
    }

    @Test
    void whatCannotBeEncoded_goesToDeadLetters_andTheNextClipIsEncoded() {
        Clip good = clip("cam", 0, 1, 1);
        byte[] whole = clips.write(good);
        send(Arrays.copyOf(whole, whole.length / 2));
        send(clips.write(with(good, good.getFrames().subList(0, 2))));
        Clip half = with(good, replaced(good, 0, frame(SIDE, new byte[10], -1)));
        send(clips.write(with(half, replaced(half, 2, frame(SIDE, new byte[11], -1)))));
        send(clips.write(with(good, replaced(good, 1, frame(SIDE, new byte[0], 1)))));
        send(clips.write(with(good, replaced(good, 1, frame(SIDE, new byte[0], 9)))));
        send(clips.write(clip("cam", 0, GrayModel.POISON, GrayModel.POISON)));
        ClipFrame vast = frame(5000, new byte[0], -1);
        send(clips.write(with(good, List.of(vast, vast, vast, frame(SIDE, new byte[0], 0)))));
        in.pipeInput("other".getBytes(UTF_8), whole);
        send(whole);

        assertThat(output(Topics.DEAD_LETTERS).stream()
                        .map(record -> new String(
                                record.headers().lastHeader(DeadLetter.MESSAGE).value(), UTF_8)))
                .satisfiesExactly(
                        message -> assertThat(message).startsWith("Clip:"),
                        message -> assertThat(message).contains("got 2"),
                        message -> assertThat(message)
                                .contains("clip cam at 0: slot 0")
                                .contains("768 bytes, got 10"),
                        message -> assertThat(message).contains("slot 1").contains("got 1"),
                        message -> assertThat(message).contains("slot 1").contains("got 9"),
                        message ->
                                assertThat(message).contains("failed 2 times").contains("poison"),
                        message -> assertThat(message).contains("at most 67108864 pixels together, got 75000000"),
                        message -> assertThat(message).contains("'cam' as the record's key, got other"));
        assertThat(output(Topics.EMBEDDINGS)).hasSize(1);
    }

    @Test
    void onePictureThatCannotBeDecoded_isAsAMissingOne() throws Exception {
        Clip clip = clip("cam", 0, 7, 9);
        send(clips.write(with(clip, replaced(clip, 0, frame(SIDE, new byte[10], -1)))));

        Embedding embedding = embeddings.read(output(Topics.EMBEDDINGS).get(0).value());
        assertThat(embedding.getVector().order(java.nio.ByteOrder.LITTLE_ENDIAN).getFloat())
                .isEqualTo(9);
        assertThat(embedding.getMissing()).containsExactly(0, 1);
        assertThat(output(Topics.DEAD_LETTERS)).isEmpty();
    }

    /** What Streams does to a task that it found corrupted. */
    @Test
    void processorThatIsClosedAndStartedAgain_encodesAgain() {
        MockProcessorContext<byte[], Object> context = new MockProcessorContext<>();
        KeyValueStore<String, Long> positions = Stores.keyValueStoreBuilder(
                        Stores.inMemoryKeyValueStore(EncodeTopology.POSITIONS), Serdes.String(), Serdes.Long())
                .withLoggingDisabled()
                .build();
        positions.init(context.getStateStoreContext(), positions);
        context.addStateStore(positions);
        EncodeProcessor processor = new EncodeProcessor(model, runner, WriterSchemas.NONE, new SimpleMeterRegistry());
        Record<byte[], byte[]> record = new Record<>("cam".getBytes(UTF_8), clips.write(clip("cam", 0, 7, 9)), 0);
        for (int start = 1; start <= 2; start++) {
            processor.init(context);
            processor.process(record);
            processor.close();
            assertThat(context.forwarded()).hasSize(start);
        }
        processor.close();
        assertThatThrownBy(() -> processor.process(record)).hasMessageContaining("process before init");
    }

    /** Footage must not stop the stream: the same clips would come again after every start. */
    @Test
    void clipsThatFailOneAfterTheOther_areDeadLetters_andTheNextIsEncoded() {
        for (int i = 0; i < 10; i++) {
            send(clips.write(clip("cam", i, GrayModel.POISON, GrayModel.POISON)));
        }
        send(clips.write(clip("cam", 10, 7, 9)));

        assertThat(output(Topics.DEAD_LETTERS)).hasSize(10);
        assertThat(output(Topics.EMBEDDINGS)).hasSize(1);
    }

    @Test
    void clipThatFailsOnce_isEncoded() {
        model.failures.set(1);
        send(clips.write(clip("cam", 0, 7, 9)));

        assertThat(output(Topics.EMBEDDINGS)).hasSize(1);
        assertThat(output(Topics.DEAD_LETTERS)).isEmpty();
    }

    /** A broken device must not make dead letters of good clips. */
    @Test
    void modelThatFailsForEveryClip_endsTheThread_andGivesNoClipUp() {
        model.broken = true;
        assertThatThrownBy(() -> send(clips.write(clip("cam", 0, 7, 9))))
                .isInstanceOf(StreamsException.class)
                .hasStackTraceContaining("the model is broken");
        assertThat(output(Topics.DEAD_LETTERS)).isEmpty();
    }

    private void send(byte[] value) {
        in.pipeInput("cam".getBytes(UTF_8), value);
    }

    private List<TestRecord<byte[], byte[]>> output(String topic) {
        return driver.createOutputTopic(topic, new ByteArrayDeserializer(), new ByteArrayDeserializer())
                .readRecordsToList();
    }

    /** Four slots: two of a gray, and two that repeat one of them, of which one is named missing. */
    private static Clip clip(String camera, long start, int gray, int otherGray) {
        return Clip.newBuilder()
                .setCamera(camera)
                .setStart(start)
                .setEnd(start + 3_000_000)
                .setSession(1)
                .setFrameTimes(List.of(1L, 1L, 2L, 2L))
                .setSourceFrames(2)
                .setMissing(List.of(1))
                .setFrames(List.of(
                        frame(SIDE, gray(gray), -1),
                        frame(SIDE, new byte[0], 0),
                        frame(SIDE, gray(otherGray), -1),
                        frame(SIDE, new byte[0], 2)))
                .build();
    }

    private static Clip with(Clip clip, List<ClipFrame> frames) {
        Clip copy = new Clip();
        for (int field = 0; field < Clip.getClassSchema().getFields().size(); field++) {
            copy.put(field, clip.get(field));
        }
        copy.put(Clip.getClassSchema().getField("frames").pos(), frames);
        return copy;
    }

    private static List<ClipFrame> replaced(Clip clip, int slot, ClipFrame frame) {
        List<ClipFrame> frames = new ArrayList<>(clip.getFrames());
        frames.set(slot, frame);
        return frames;
    }

    private static ClipFrame frame(int side, byte[] rgb, int source) {
        return new ClipFrame(side, side, ImageEncoding.RGB24, ByteBuffer.wrap(rgb), source);
    }

    private static byte[] gray(int value) {
        byte[] rgb = new byte[3 * SIDE * SIDE];
        Arrays.fill(rgb, (byte) value);
        return rgb;
    }

    /** Its embedding is the mean gray; one gray breaks it. */
    private static final class GrayModel implements ClipModel {
        static final int POISON = 66;

        private volatile boolean broken;
        private final AtomicInteger failures = new AtomicInteger();

        @Override
        public ModelIdentity identity() {
            return new ModelIdentity("gray", "digest", "none/1", "fp32", "mean");
        }

        @Override
        public boolean takes(int frames) {
            return frames == SLOTS;
        }

        @Override
        public PixelClip prepare(List<Picture> pictures) {
            return PixelClip.of(pictures.stream().map(Picture::planes).toList(), SIDE);
        }

        @Override
        public List<ClipResult> infer(List<PixelClip> batch) {
            if (broken || failures.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                throw new IllegalStateException("no device");
            }
            return batch.stream().map(GrayModel::look).toList();
        }

        private static ClipResult look(PixelClip clip) {
            double sum = 0;
            for (byte pixel : clip.toBytes()) {
                sum += pixel;
            }
            float mean = (float) (sum / clip.length());
            if (mean == POISON) {
                throw new IllegalStateException("poison");
            }
            return new ClipResult(new float[] {mean}, 1, 1, Map.of());
        }
    }
}
