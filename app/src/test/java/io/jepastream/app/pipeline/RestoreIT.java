package io.jepastream.app.pipeline;

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
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A worker whose local state is gone, and one that has a standby. For figures: {@code -Drestore.cameras=32 -Drestore.side=130
 * -Drestore.seconds=30}; the side is that of raw pictures, 130 is 50 kB.
 */
class RestoreIT {
    private static final int CAMERAS = Integer.getInteger("restore.cameras", 4);
    private static final int SIDE = Integer.getInteger("restore.side", 32);
    private static final int SECONDS = Integer.getInteger("restore.seconds", 8);
    private static final int PARTITIONS = 4;
    private static final int FRAMES_A_SECOND = 6; // one a slot
    private static final int MORE_SECONDS = 6;
    private static final int STORES = 2;
    private static final int MARKERS = 2; // a transaction's end takes an offset too

    @TempDir
    Path directory;

    private final Random random = new Random(7);
    private EmbeddedKafka kafka;
    private Admin admin;
    private Site site;
    private GroupLag lag;

    @BeforeEach
    void start() throws Exception {
        kafka = EmbeddedKafka.start(directory.resolve("kafka"));
        site = new Site(kafka.bootstrapServers(), "test", Map.of());
        admin = Admin.create(site.clientSettings());
        new TopicSetup(admin).ensure(PARTITIONS, (short) 1, Duration.ofHours(1));
        lag = new GroupLag(admin, StreamsStage.group(site, ClipTopology.STAGE), Topics.FRAMES);
    }

    @AfterEach
    void stop() {
        admin.close();
        kafka.close();
    }

    @Test
    void lostState_isReadFromTheClusterAgain_andNoClipIsMissing() throws Exception {
        film(0, SECONDS);
        try (StreamsStage stage = stage("one", 0)) {
            stage.start();
            awaitDone(stage);
        }
        long bytes = changelogBytes();
        remove(directory.resolve("one"));
        film(SECONDS, SECONDS + MORE_SECONDS);
        try (StreamsStage stage = stage("one", 0)) {
            long from = System.nanoTime();
            stage.start();
            while (!stage.isRunning()) {
                assertThat(stage.awaitEnd(Duration.ofMillis(5))).isFalse();
            }
            System.out.printf(
                    "restore: %d cameras, pictures of %d bytes: %d records, %.1f MB of changelogs, running after %.2f s%n",
                    CAMERAS, 3 * SIDE * SIDE, stage.restoredRecords(), bytes / 1e6, (System.nanoTime() - from) / 1e9);
            assertThat(stage.restoredRecords()).isPositive();
            awaitDone(stage);
        }
        assertEveryClip();
    }

    /** Without standbys the state comes from the cluster; this is what a standby saves. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void workerThatLeaves_isFollowedByItsStandby(int standbys) throws Exception {
        film(0, SECONDS);
        StreamsStage second = stage("two", standbys);
        long before;
        long from;
        try (second) {
            try (StreamsStage first = stage("one", standbys)) {
                first.start();
                second.start();
                awaitDone(first);
                if (standbys > 0) {
                    awaitCopies(first);
                    awaitCopies(second);
                }
                film(SECONDS, SECONDS + MORE_SECONDS);
                awaitDone(first);
                before = second.restoredRecords();
                from = System.nanoTime();
            }
            while (!second.isRunning() || second.partitions() < PARTITIONS) {
                assertThat(second.awaitEnd(Duration.ofMillis(20))).isFalse();
            }
            long restored = second.restoredRecords() - before;
            System.out.printf(
                    "takeover with %d standbys: %d records restored, all partitions after %.2f s%n",
                    standbys, restored, (System.nanoTime() - from) / 1e9);
            if (standbys == 0) {
                assertThat(restored).isGreaterThan(CAMERAS);
            } else {
                assertThat(restored).isLessThanOrEqualTo(CAMERAS);
            }
        }
        assertEveryClip();
    }

    private StreamsStage stage(String worker, int standbys) {
        return new Stages(site, directory.resolve(worker), WriterSchemas.NONE, new SimpleMeterRegistry())
                .assemble(ClipConfig.defaults(), 1, standbys);
    }

    private void awaitDone(StreamsStage stage) throws InterruptedException {
        while (lag.offsets() > 0) {
            assertThat(stage.awaitEnd(Duration.ofMillis(20))).isFalse();
        }
    }

    /** Waits until a worker has every store of every partition, as its own or as a copy. */
    private static void awaitCopies(StreamsStage stage) throws InterruptedException {
        long complete = 0;
        while (complete < (long) STORES * PARTITIONS) {
            assertThat(stage.awaitEnd(Duration.ofMillis(50))).isFalse();
            complete = stage.storeLags().values().stream()
                    .flatMap(partitions -> partitions.values().stream())
                    .filter(each -> each.currentOffsetPosition() > 0 || each.endOffsetPosition() == 0)
                    .filter(each -> each.offsetLag() <= MARKERS)
                    .count();
        }
    }

    private void film(int fromSecond, int toSecond) throws InterruptedException {
        byte[] picture = new byte[3 * SIDE * SIDE];
        try (KafkaFrames sink = new KafkaFrames(site.clientSettings())) {
            for (int i = fromSecond * FRAMES_A_SECOND; i < toSecond * FRAMES_A_SECOND; i++) {
                for (int camera = 0; camera < CAMERAS; camera++) {
                    random.nextBytes(picture);
                    sink.accept(Frame.newBuilder()
                            .setCamera("cam" + camera)
                            .setSession(1)
                            .setSequence(i)
                            .setCapturedAt(i * 1_000_000L / FRAMES_A_SECOND)
                            .setWidth(SIDE)
                            .setHeight(SIDE)
                            .setEncoding(ImageEncoding.RGB24)
                            .setData(ByteBuffer.wrap(picture.clone()))
                            .build());
                }
            }
            sink.flush();
        }
    }

    private void assertEveryClip() {
        Map<String, Integer> clips = new TreeMap<>();
        try (TopicReader reader = TopicReader.open(site, Topics.CLIPS, true)) {
            while (reader.recordsLeft() > 0) {
                for (ConsumerRecord<byte[], byte[]> record : reader.poll()) {
                    clips.merge(new String(record.key(), java.nio.charset.StandardCharsets.UTF_8), 1, Integer::sum);
                }
            }
        }
        assertThat(clips).hasSize(CAMERAS);
        int windows = (SECONDS + MORE_SECONDS - 1) / 3;
        assertThat(clips.values()).allMatch(count -> count == windows);
    }

    private long changelogBytes() throws ExecutionException, InterruptedException {
        return admin.describeLogDirs(List.of(1)).allDescriptions().get().values().stream()
                .flatMap(dirs -> dirs.values().stream())
                .flatMap(dir -> dir.replicaInfos().entrySet().stream())
                .filter(replica -> replica.getKey().topic().endsWith("-changelog"))
                .mapToLong(replica -> replica.getValue().size())
                .sum();
    }

    private static void remove(Path folder) throws IOException {
        List<Path> all;
        try (Stream<Path> inside = Files.walk(folder)) {
            all = inside.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : all) {
            Files.delete(path);
        }
    }
}
