package io.jepastream.app.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.jepastream.app.kafka.GroupLag;
import io.jepastream.app.kafka.StreamsStage;
import io.jepastream.ingest.clip.ClipConfig;
import io.jepastream.ingest.clip.ClipTopology;
import io.jepastream.ingest.wire.Clip;
import io.jepastream.ingest.wire.Topics;
import io.jepastream.ingest.wire.Wire;
import io.jepastream.ingest.wire.WriterSchemas;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.streams.errors.ProcessorStateException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A worker that stopped within a clip, whose disk is lost or damaged then. */
class BrokenStateIT {
    private static final int MOST_STARTS = 3;
    private static final int WITHIN_A_CLIP = 45;
    private static final int FRAMES = 131;

    @TempDir
    Path directory;

    @Test
    void damagedStores_areReadFromTheClusterAgain() throws Exception {
        try (TestSite kafka = TestSite.start(directory, 1)) {
            GroupLag lag = kafka.lag(ClipTopology.STAGE, Topics.FRAMES);
            begin(kafka, lag);
            damage(directory.resolve("first"));
            kafka.writeFrames("cam", WITHIN_A_CLIP, FRAMES);
            boolean done = false;
            for (int start = 0; start < MOST_STARTS && !done; start++) { // as an orchestrator does
                try (StreamsStage stage = stage(kafka, "first")) {
                    stage.start();
                    done = TestSite.await(stage, lag);
                } catch (ProcessorStateException e) {
                    assertThat(e).hasMessageContaining("store");
                }
            }
            check(kafka);
        }
    }

    @Test
    void anotherWorker_goesOnWithinTheClip() throws Exception {
        try (TestSite kafka = TestSite.start(directory, 1)) {
            GroupLag lag = kafka.lag(ClipTopology.STAGE, Topics.FRAMES);
            begin(kafka, lag);
            kafka.writeFrames("cam", WITHIN_A_CLIP, FRAMES);
            try (StreamsStage stage = stage(kafka, "second")) {
                stage.start();
                assertThat(TestSite.await(stage, lag)).isTrue();
            }
            check(kafka);
        }
    }

    private void begin(TestSite kafka, GroupLag lag) throws Exception {
        kafka.writeFrames("cam", 0, WITHIN_A_CLIP);
        try (StreamsStage stage = stage(kafka, "first")) {
            stage.start();
            assertThat(TestSite.await(stage, lag)).isTrue();
        }
    }

    private StreamsStage stage(TestSite kafka, String worker) {
        return new Stages(kafka.site(), directory.resolve(worker), WriterSchemas.NONE, new SimpleMeterRegistry())
                .assemble(ClipConfig.defaults(), 1);
    }

    /** Every clip once, with the frames from before the end of the first worker too. */
    private static void check(TestSite kafka) throws Exception {
        assertThat(kafka.starts(Topics.CLIPS)).containsExactly(0L, 3L, 6L, 9L);
        Wire<Clip> wire = Wire.clips();
        for (ConsumerRecord<byte[], byte[]> record : kafka.read(Topics.CLIPS)) {
            assertThat(wire.read(record.value()).getMissing()).isEmpty();
        }
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
}
