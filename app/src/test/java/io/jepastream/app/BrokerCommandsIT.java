package io.jepastream.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.jepastream.app.kafka.EmbeddedKafka;
import io.jepastream.ingest.wire.ImageEncoding;
import io.jepastream.ingest.wire.Topics;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
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
            assertThat(early.err()).contains("topics: want frames").contains("jepa topics create");

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

    @Test
    void export_savesTheClipsOfATopic() throws Exception {
        try (EmbeddedKafka kafka = EmbeddedKafka.start(directory.resolve("kafka"))) {
            String servers = kafka.bootstrapServers();
            Cli.run("topics", "create", "--bootstrap-servers", servers, "--partitions", "2");
            Map<String, Object> settings = Map.of("bootstrap.servers", servers);
            try (KafkaProducer<byte[], byte[]> producer =
                    new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
                for (int i = 0; i < 4; i++) {
                    byte[] clip = ClipFilesTest.record("door", 3_000_000L * i, ImageEncoding.JPEG)
                            .value();
                    producer.send(new ProducerRecord<>(Topics.CLIPS, i % 2, new byte[] {1}, clip))
                            .get();
                }
            }
            Path out = directory.resolve("out");
            Cli.Result result = Cli.run(
                    "dataset",
                    "export",
                    "--bootstrap-servers",
                    servers,
                    "--out",
                    out.toString(),
                    "--from",
                    "1970-01-01T00:00:03Z",
                    "--to",
                    "1970-01-01T00:00:09Z");
            assertThat(result.code()).as(result.err()).isZero();
            assertThat(result.out()).contains("2 clips saved");
            assertThat(out.resolve("clips.txt"))
                    .hasContent("door/1970-01-01T00-00-03.000000Z.mkv\ndoor/1970-01-01T00-00-06.000000Z.mkv\n");
        }
    }
}
