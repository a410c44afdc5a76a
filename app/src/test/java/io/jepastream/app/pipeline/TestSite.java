package io.jepastream.app.pipeline;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.jepastream.app.kafka.EmbeddedKafka;
import io.jepastream.app.kafka.GroupLag;
import io.jepastream.app.kafka.Site;
import io.jepastream.app.kafka.StreamsStage;
import io.jepastream.app.kafka.TopicReader;
import io.jepastream.app.kafka.TopicSetup;
import io.jepastream.ingest.camera.KafkaFrames;
import io.jepastream.ingest.wire.Frame;
import io.jepastream.ingest.wire.ImageEncoding;
import io.jepastream.ingest.wire.Topics;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** A broker of its own with the pipeline's topics, and what the tests of the stages ask of it. */
final class TestSite implements AutoCloseable {
    static final long SECOND = 1_000_000;
    static final int FPS = 10;

    private final EmbeddedKafka kafka;
    private final Admin admin;
    private final Site site;

    private TestSite(EmbeddedKafka kafka) {
        this.kafka = kafka;
        admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()));
        site = new Site(kafka.bootstrapServers(), "test", Map.of());
    }

    static TestSite start(Path directory, int partitions) throws Exception {
        TestSite test = new TestSite(EmbeddedKafka.start(directory.resolve("kafka")));
        new TopicSetup(test.admin).ensure(partitions, (short) 1, Duration.ofHours(1));
        return test;
    }

    Admin admin() {
        return admin;
    }

    Site site() {
        return site;
    }

    /** The same cluster, through clients with these settings. */
    Site with(Map<String, String> settings) {
        return new Site(site.bootstrapServers(), site.group(), settings);
    }

    GroupLag lag(String stage, String topic) {
        return new GroupLag(admin, StreamsStage.group(site, stage), topic);
    }

    /**
     * Waits for the end of a stage's work, or of the stage.
     *
     * @return whether it is the work's
     */
    static boolean await(StreamsStage stage, GroupLag lag) throws InterruptedException {
        while (lag.offsets() > 0) {
            if (stage.awaitEnd(Duration.ofMillis(50))) {
                return false;
            }
        }
        return true;
    }

    /** Writes gray frames of a camera, {@link #FPS} of them a second. */
    void writeFrames(String camera, int from, int to) throws InterruptedException {
        try (KafkaFrames sink = new KafkaFrames(site.clientSettings())) {
            for (int i : IntStream.range(from, to).toArray()) {
                sink.accept(frame(camera, i, 16, (byte) 0, 0));
            }
            sink.flush();
        }
    }

    /** A gray square; a side of 0 is the end of the stream. */
    static Frame frame(String camera, int number, int side, byte gray, long from) {
        byte[] rgb = new byte[side * side * 3];
        Arrays.fill(rgb, gray);
        return Frame.newBuilder()
                .setCamera(camera)
                .setSession(1)
                .setSequence(number)
                .setCapturedAt(from + number * SECOND / FPS)
                .setWidth(side)
                .setHeight(side)
                .setEncoding(side == 0 ? ImageEncoding.UNKNOWN : ImageEncoding.RGB24)
                .setData(ByteBuffer.wrap(rgb))
                .setEndOfStream(side == 0)
                .build();
    }

    /** The committed records of a topic. */
    List<ConsumerRecord<byte[], byte[]>> read(String topic) {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        try (TopicReader reader = TopicReader.open(site, topic, true)) {
            while (reader.recordsLeft() > 0) {
                reader.poll().forEach(records::add);
            }
        }
        return records;
    }

    /** When the clips of these committed records start, in seconds. */
    List<Long> starts(String topic) {
        return read(topic).stream()
                .map(record -> record.headers().lastHeader(Topics.HEADER_CLIP_START))
                .map(header -> Long.parseLong(new String(header.value(), UTF_8)) / SECOND)
                .toList();
    }

    @Override
    public void close() {
        admin.close();
        kafka.close();
    }
}
