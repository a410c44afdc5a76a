package io.jepastream.app.pipeline;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.jepastream.app.kafka.Site;
import io.jepastream.app.kafka.StreamsStage;
import io.jepastream.encoder.stream.BatchedRunner;
import io.jepastream.ingest.camera.KafkaFrames;
import io.jepastream.ingest.clip.ClipConfig;
import io.jepastream.ingest.clip.ClipTopology;
import io.jepastream.ingest.wire.DeadLetter;
import io.jepastream.ingest.wire.Topics;
import io.jepastream.ingest.wire.WriterSchemas;
import io.jepastream.probeheads.Labeller;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.message.BinaryMessageDecoder;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Both stages against a real broker; the output is read with nothing but the published schemas. */
class PipelineIT {
    private static final long SECOND = 1_000_000;
    private static final long T0 = 946_684_800 * SECOND;
    private static final int CAMERAS = 3;
    private static final int CLIPS = 4;

    @TempDir
    Path directory;

    @Test
    void frames_becomeEmbeddingsAndLabels_thatAnyAvroReaderUnderstands() throws Exception {
        try (TestSite kafka = TestSite.start(directory, 2)) {
            Site site = kafka.site();
            FakeModel model = new FakeModel();
            Stages stages = new Stages(site, directory.resolve("state"), WriterSchemas.NONE, new SimpleMeterRegistry());
            try (PipelineMonitor monitor = new PipelineMonitor(site, Set.of("cam0", "cam1", "cam2"), labels -> {});
                    BatchedRunner runner = new BatchedRunner(
                            model,
                            4,
                            Duration.ofMillis(5),
                            new BatchedRunner.Limits(Duration.ofSeconds(10), Duration.ofSeconds(10)));
                    StreamsStage encode = stages.encode(
                            model, runner, List.of(new Labeller("head", "d1", List.of("dark", "bright"), 2)), 4);
                    StreamsStage assemble = stages.assemble(ClipConfig.defaults(), 2)) {
                assemble.start();
                encode.start();
                writeFootage(site);
                assertThat(TestSite.await(assemble, kafka.lag(ClipTopology.STAGE, Topics.FRAMES)))
                        .isTrue();
                monitor.whenDrained().get(60, TimeUnit.SECONDS);

                assertThat(monitor.tallies().get("cam0")).isEqualTo(new CameraTally(CLIPS, 1, CLIPS, 0, 1));
                assertThat(monitor.tallies().get("cam2")).isEqualTo(new CameraTally(CLIPS, 1, CLIPS - 1, 1, 0));
            }
            checkEmbeddings(kafka);
            checkLabels(kafka);
            checkDeadLetters(kafka);
        }
    }

    private static void checkEmbeddings(TestSite kafka) throws Exception {
        BinaryMessageDecoder<GenericRecord> decoder = published("/io/jepastream/encoder/Embedding.avsc");
        List<String> names = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> record : kafka.read(Topics.EMBEDDINGS)) {
            GenericRecord embedding = decoder.decode(record.value());
            ByteBuffer vector = ((ByteBuffer) embedding.get("vector")).order(ByteOrder.LITTLE_ENDIAN);
            assertThat(embedding.get("dim")).isEqualTo(2);
            assertThat(vector.getFloat(0)).isBetween(0f, 255f);
            assertThat(new String(
                            record.headers().lastHeader(Topics.HEADER_MODEL).value(), UTF_8))
                    .isEqualTo("fake");
            names.add(new String(record.key(), UTF_8) + " " + ((Long) embedding.get("start") - T0) / SECOND);
        }
        assertThat(names)
                .containsExactlyInAnyOrder(
                        "cam0 0", "cam0 3", "cam0 6", "cam0 9", "cam1 0", "cam1 3", "cam1 6", "cam1 9", "cam2 3",
                        "cam2 6", "cam2 9");
    }

    private static void checkLabels(TestSite kafka) throws Exception {
        BinaryMessageDecoder<GenericRecord> decoder = published("/io/jepastream/probeheads/ActionLabels.avsc");
        List<ConsumerRecord<byte[], byte[]>> records = kafka.read(Topics.ACTION_LABELS);
        assertThat(records).hasSize(CAMERAS * CLIPS - 1);
        for (ConsumerRecord<byte[], byte[]> record : records) {
            List<?> labels = (List<?>) decoder.decode(record.value()).get("labels");
            assertThat(labels).hasSize(2);
            assertThat(((GenericRecord) labels.get(0)).get("label").toString())
                    .isEqualTo(new String(record.key(), UTF_8).equals("cam0") ? "dark" : "bright");
        }
    }

    private static void checkDeadLetters(TestSite kafka) {
        List<String> messages = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> record : kafka.read(Topics.DEAD_LETTERS)) {
            messages.add(new String(
                            record.headers().lastHeader(DeadLetter.STAGE).value(), UTF_8) + ": "
                    + new String(record.headers().lastHeader(DeadLetter.MESSAGE).value(), UTF_8));
        }
        assertThat(messages)
                .hasSize(2)
                .anyMatch(message -> message.startsWith("assemble: ") && message.contains("1x1"))
                .anyMatch(message -> message.startsWith("encode: ") && message.contains("poison"));
    }

    private static void writeFootage(Site site) throws InterruptedException {
        try (KafkaFrames sink = new KafkaFrames(site.clientSettings())) {
            for (int i = 0; i < CLIPS * 30 + 5; i++) {
                for (int camera = 0; camera < CAMERAS; camera++) {
                    byte gray = camera == 2 && i < 30 ? FakeModel.POISON : (byte) (camera == 0 ? 10 : 200);
                    sink.accept(TestSite.frame("cam" + camera, i, 16, gray, T0));
                }
            }
            sink.accept(TestSite.frame("cam0", 999, 1, (byte) 0, T0));
            for (int camera = 0; camera < CAMERAS; camera++) {
                sink.accept(TestSite.frame("cam" + camera, CLIPS * 30 + 5, 0, (byte) 0, T0));
            }
        }
    }

    private static BinaryMessageDecoder<GenericRecord> published(String schema) throws Exception {
        try (var in = PipelineIT.class.getResourceAsStream(schema)) {
            return new BinaryMessageDecoder<>(new GenericData(), new Schema.Parser().parse(in));
        }
    }
}
