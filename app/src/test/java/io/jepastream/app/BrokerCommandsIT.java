package io.jepastream.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.jepastream.app.kafka.EmbeddedKafka;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
}
