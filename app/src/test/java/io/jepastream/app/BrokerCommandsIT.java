package io.jepastream.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.jepastream.app.kafka.EmbeddedKafka;
import io.jepastream.ingest.wire.ImageEncoding;
import io.jepastream.ingest.wire.Topics;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands that talk to a cluster, against a real one. */
class BrokerCommandsIT {
    @TempDir
    Path directory;

    @Test
    void topicsIngestAndTail_workTogether() throws Exception {
        try (EmbeddedKafka kafka = EmbeddedKafka.start(directory.resolve("kafka"))) {
            String servers = kafka.bootstrapServers();
            Path config =
                    Files.writeString(directory.resolve("client.properties"), "bootstrap.servers=" + servers + "\n");

            assertThat(Cli.run("topics", "describe", "--bootstrap-servers", servers)
                            .out())
                    .contains("missing");
            Cli.Result early =
                    Cli.run("ingest", "--bootstrap-servers", servers, "--camera", "a=lavfi:testsrc2=duration=1");
            assertThat(early.code()).isEqualTo(2);
            assertThat(early.err()).contains("want frames, clips").contains("jepa topics create");

            Cli.Result created = Cli.run("topics", "create", "--kafka-config", config.toString(), "--partitions", "3");
            assertThat(created.out()).contains("frames         created: 3 partitions, 1 copy");
            Cli.Result again = Cli.run("topics", "create", "--bootstrap-servers", servers, "--partitions", "9");
            assertThat(again.out()).contains("frames         exists already: 3 partitions");

            Cli.Result ingest = Cli.run(
                    "ingest",
                    "--bootstrap-servers",
                    servers,
                    "--camera",
                    "a=lavfi:testsrc2=size=64x48:rate=10:duration=2",
                    "--start-time",
                    "2020-02-02T00:00:00Z");
            assertThat(ingest.code()).as(ingest.err()).isZero();
            assertThat(ingest.out()).contains("a: 20 frames");

            List<String> lines = Cli.run(
                            "tail", "frames", "--bootstrap-servers", servers, "--from-beginning", "--until-end")
                    .out()
                    .lines()
                    .toList();
            assertThat(lines).hasSize(21);
            JsonNode first = new ObjectMapper().readTree(lines.get(0));
            assertThat(first.get("key").asText()).isEqualTo("a");
            assertThat(first.get("value").get("captured_at").asText()).isEqualTo("2020-02-02T00:00:00Z");
            assertThat(first.get("value").get("data_bytes").asInt()).isPositive();
            JsonNode last = new ObjectMapper().readTree(lines.get(20)).get("value");
            assertThat(last.get("end_of_stream").asBoolean()).isTrue();
            assertThat(last.get("captured_at").asText()).isEqualTo("2020-02-02T00:00:02Z");
        }
    }

    private static void clip(KafkaProducer<byte[], byte[]> producer, int partition, long start) throws Exception {
        byte[] clip = ClipFilesTest.record("door", start, ImageEncoding.JPEG).value();
        producer.send(new ProducerRecord<>(Topics.CLIPS, partition, new byte[] {1}, clip))
                .get();
    }

    private Cli.Result export(String servers, String out, String... more) {
        List<String> all = new ArrayList<>(List.of("dataset", "export", "--bootstrap-servers", servers));
        all.addAll(List.of("--out", directory.resolve(out).toString()));
        all.addAll(List.of(more));
        return Cli.run(all.toArray(String[]::new));
    }

    @Test
    void export_savesTheClipsOfATopic() throws Exception {
        try (EmbeddedKafka kafka = EmbeddedKafka.start(directory.resolve("kafka"))) {
            String servers = kafka.bootstrapServers();
            Cli.run("topics", "create", "--bootstrap-servers", servers, "--partitions", "2");
            Map<String, Object> settings = Map.of("bootstrap.servers", servers);
            try (KafkaProducer<byte[], byte[]> producer =
                    new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
                for (int i = 0; i < 4; i++) {
                    clip(producer, i % 2, 3_000_000L * i);
                }
            }
            Path out = directory.resolve("out");
            Cli.Result result =
                    export(servers, "out", "--from", "1970-01-01T00:00:03Z", "--to", "1970-01-01T00:00:09Z");
            assertThat(result.code()).as(result.err()).isZero();
            assertThat(result.out()).contains("2 clips saved");
            assertThat(out.resolve("clips.txt"))
                    .hasContent("door/1970-01-01T00-00-03.000000Z.mkv\ndoor/1970-01-01T00-00-06.000000Z.mkv\n");
        }
    }

    /** Partition 0 holds offsets 2 to 5, the older two deleted; partition 1 a clip, an aborted one and another. */
    @Test
    void export_takesRangesOfOffsets_andSaysWhatTheTopicHolds() throws Exception {
        try (EmbeddedKafka kafka = EmbeddedKafka.start(directory.resolve("kafka"))) {
            String servers = kafka.bootstrapServers();
            Cli.run("topics", "create", "--bootstrap-servers", servers, "--partitions", "2");
            Map<String, Object> settings = Map.of("bootstrap.servers", servers, "transactional.id", "export-test");
            try (KafkaProducer<byte[], byte[]> producer =
                    new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
                producer.initTransactions();
                producer.beginTransaction();
                for (int i = 0; i < 5; i++) {
                    clip(producer, 0, 3_000_000L * i);
                }
                clip(producer, 1, 30_000_000L); // offset 0, its transaction's end 1
                producer.commitTransaction();
                producer.beginTransaction();
                clip(producer, 1, 33_000_000L); // offset 2, end 3
                producer.abortTransaction();
                producer.beginTransaction();
                clip(producer, 1, 36_000_000L); // offset 4, end 5
                producer.commitTransaction();
            }
            try (Admin admin = Admin.create(Map.<String, Object>of("bootstrap.servers", servers))) {
                TopicPartition first = new TopicPartition(Topics.CLIPS, 0);
                admin.deleteRecords(Map.of(first, RecordsToDelete.beforeOffset(2)))
                        .all()
                        .get();
            }

            assertThat(export(servers, "middle", "--from-offset", "0:3,1:1", "--to-offset", "0:4")
                            .out())
                    .contains("2 clips saved");
            assertThat(directory.resolve("middle/clips.txt"))
                    .hasContent("door/1970-01-01T00-00-09.000000Z.mkv\ndoor/1970-01-01T00-00-36.000000Z.mkv\n");
            assertThat(export(servers, "all").out()).contains("5 clips saved");
            assertThat(export(servers, "later", "--from-offset", "0:2", "--from", "1970-01-01T00:00:31Z")
                            .out())
                    .contains("1 clips saved");
            assertThat(export(servers, "none", "--from-offset", "0:6", "--from-offset", "1:6")
                            .out())
                    .contains("no clip in this range");

            refused(servers, "clips: want partition 0 to 1 for an offset, got 2", "--from-offset", "2:0");
            refused(
                    servers,
                    "clips-0: want a first offset from 2 to 6, which the topic holds, got 1",
                    "--from-offset",
                    "0:1");
            refused(
                    servers,
                    "clips-1: want an end offset from 0 to 6, which the topic holds, got 7",
                    "--to-offset",
                    "1:7");
            refused(
                    servers,
                    "clips-0: want an end offset from the first, 4, on, got 3",
                    "--from-offset",
                    "0:4",
                    "--to-offset",
                    "0:3");
        }
    }

    private void refused(String servers, String message, String... more) {
        Cli.Result result = export(servers, "refused", more);
        assertThat(result.err()).contains(message);
        assertThat(result.code()).isEqualTo(2);
        assertThat(directory.resolve("refused")).doesNotExist();
    }
}
