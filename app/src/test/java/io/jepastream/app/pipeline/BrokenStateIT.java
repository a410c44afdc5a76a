package io.jepastream.app.pipeline;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.jepastream.app.kafka.EmbeddedKafka;
import io.jepastream.app.kafka.GroupLag;
import io.jepastream.app.kafka.Site;
import io.jepastream.app.kafka.StreamsStage;
import io.jepastream.app.kafka.TopicReader;
import io.jepastream.app.kafka.TopicSetup;
import io.jepastream.ingest.camera.KafkaFrames;
import io.jepastream.ingest.clip.ClipConfig;
import io.jepastream.ingest.clip.ClipTopology;
import io.jepastream.ingest.wire.Frame;
import io.jepastream.ingest.wire.ImageEncoding;
import io.jepastream.ingest.wire.Topics;
import io.jepastream.ingest.wire.WriterSchemas;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A worker that stopped in order, whose disk then lost what it wrote. */
class BrokenStateIT {
    private static final long SECOND = 1_000_000;
    private static final int MOST_STARTS = 3;

    @TempDir
    Path directory;

    @Test
    void damagedStores_areReadFromTheClusterAgain() throws Exception {
        try (EmbeddedKafka kafka = EmbeddedKafka.start(directory.resolve("kafka"));
                Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
            Site site = new Site(kafka.bootstrapServers(), "test", Map.of());
            new TopicSetup(admin).ensure(1, (short) 1, Duration.ofHours(1));
            GroupLag lag = new GroupLag(admin, StreamsStage.group(site, ClipTopology.STAGE), Topics.FRAMES);
            write(site, 0, 45);
            try (StreamsStage stage = stage(site)) {
                stage.start();
                await(stage, lag);
            }
            damage(directory.resolve("state"));
            write(site, 45, 131);
            boolean done = false;
            for (int start = 0; start < MOST_STARTS && !done; start++) { // as an orchestrator does
                try (StreamsStage stage = stage(site)) {
                    stage.start();
                    done = await(stage, lag);
                } catch (KafkaException e) {
                    assertThat(e).hasMessageContaining("state");
                }
            }
            assertThat(starts(site)).containsExactly("0", "3", "6", "9");
        }
    }

    private StreamsStage stage(Site site) {
        return new Stages(site, directory.resolve("state"), WriterSchemas.NONE, new SimpleMeterRegistry())
                .assemble(ClipConfig.defaults(), 1);
    }

    /** Waits for the end of the work, or of the stage. */
    private static boolean await(StreamsStage stage, GroupLag lag) throws InterruptedException {
        while (lag.offsets() > 0) {
            if (stage.awaitEnd(Duration.ofMillis(50))) {
                return false;
            }
        }
        return true;
    }

    private static void damage(Path state) throws IOException {
        Random random = new Random(7);
        List<Path> files;
        try (Stream<Path> inside = Files.walk(state)) {
            files = inside.filter(Files::isRegularFile).toList();
        }
        assertThat(files).isNotEmpty();
        for (Path file : files) {
            byte[] noise = new byte[500];
            random.nextBytes(noise);
            Files.write(file, noise);
        }
    }

    private static void write(Site site, int from, int to) throws InterruptedException {
        try (KafkaFrames sink = new KafkaFrames(site.clientSettings())) {
            for (int i : IntStream.range(from, to).toArray()) {
                sink.accept(Frame.newBuilder()
                        .setCamera("cam")
                        .setSession(1)
                        .setSequence(i)
                        .setCapturedAt(i * SECOND / 10)
                        .setWidth(16)
                        .setHeight(16)
                        .setEncoding(ImageEncoding.RGB24)
                        .setData(ByteBuffer.wrap(new byte[768]))
                        .build());
            }
            sink.flush();
        }
    }

    private static List<String> starts(Site site) {
        List<String> starts = new ArrayList<>();
        try (TopicReader reader = TopicReader.open(site, Topics.CLIPS, true)) {
            while (reader.recordsLeft() > 0) {
                for (ConsumerRecord<byte[], byte[]> record : reader.poll()) {
                    String start = new String(
                            record.headers()
                                    .lastHeader(Topics.HEADER_CLIP_START)
                                    .value(),
                            UTF_8);
                    starts.add(Long.toString(Long.parseLong(start) / SECOND));
                }
            }
        }
        return starts;
    }
}
