package io.jepastream.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.jepastream.app.kafka.EmbeddedKafka;
import io.jepastream.app.kafka.ModelAgreement;
import io.jepastream.app.kafka.ModelSheet;
import io.jepastream.app.kafka.Site;
import io.jepastream.app.kafka.SiteLog;
import io.jepastream.app.selftest.FaultyModel;
import io.jepastream.ingest.wire.Clip;
import io.jepastream.ingest.wire.ClipFrame;
import io.jepastream.ingest.wire.ImageEncoding;
import io.jepastream.ingest.wire.Topics;
import io.jepastream.ingest.wire.Wire;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Workers of one site whose models differ, as the commands that users start. */
class OneModelIT {
    private static final Pattern REPLACE = Pattern.compile("--replace-model ([0-9a-f]{12})");

    @TempDir
    Path directory;

    @Test
    void anotherModel_isRefused_andAReplacedOneEndsItsWorker() throws Exception {
        String model = TinyBundle.write(directory.resolve("model")).toString();
        try (EmbeddedKafka kafka = EmbeddedKafka.start(directory.resolve("kafka"))) {
            String servers = kafka.bootstrapServers();
            Cli.run("topics", "create", "--bootstrap-servers", servers, "--partitions", "1");
            Site site = new Site(servers, "other-group", Map.of());
            CompletableFuture<Cli.Result> first =
                    CompletableFuture.supplyAsync(() -> encode(servers, model, "first", "mood"));
            try (SiteLog log = new SiteLog(site)) {
                while (!log.latest().containsKey("model")) {
                    assertThat(first).isNotDone();
                }
                Cli.Result second = encode(servers, model, "second", "none");
                assertThat(second.code()).isEqualTo(2);
                assertThat(second.err()).contains("head mood: want").contains("got none");
                Matcher digest = REPLACE.matcher(second.err());
                assertThat(digest.find()).isTrue();

                new ModelAgreement(site, log, new ModelSheet(Map.of("weights", "new"))).seek(digest.group(1));
            }
            assertThat(first.get(60, TimeUnit.SECONDS).code()).isEqualTo(1);
        }
    }

    /** As an orchestrator needs it: a process that is stuck is never started again. */
    @Test
    void modelThatDoesNotAnswer_endsTheWorker() throws Exception {
        String model = TinyBundle.write(directory.resolve("model")).toString();
        Path orders = Files.createDirectories(directory.resolve("orders"));
        Files.createFile(orders.resolve("STALL"));
        System.setProperty(FaultyModel.PROPERTY, orders.toString());
        try (EmbeddedKafka kafka = EmbeddedKafka.start(directory.resolve("kafka"))) {
            String servers = kafka.bootstrapServers();
            Cli.run("topics", "create", "--bootstrap-servers", servers, "--partitions", "1");
            Map<String, Object> settings = Map.of("bootstrap.servers", servers);
            try (KafkaProducer<byte[], byte[]> producer =
                    new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
                byte[] clip = Wire.clips().write(clip());
                producer.send(new ProducerRecord<>(Topics.CLIPS, "door".getBytes(UTF_8), clip))
                        .get();
            }
            Cli.Result result = encode(servers, model, "stuck", "mood", "--model-timeout", "2s");
            assertThat(result.code()).isEqualTo(1);
            assertThat(orders).isEmptyDirectory();
        } finally {
            System.clearProperty(FaultyModel.PROPERTY);
        }
    }

    private static Clip clip() {
        ClipFrame own = new ClipFrame(64, 64, ImageEncoding.RGB24, ByteBuffer.wrap(new byte[3 * 64 * 64]), -1);
        ClipFrame same = new ClipFrame(64, 64, ImageEncoding.RGB24, ByteBuffer.allocate(0), 0);
        List<ClipFrame> frames = new ArrayList<>(Collections.nCopies(16, same));
        frames.set(0, own);
        return Clip.newBuilder()
                .setCamera("door")
                .setStart(0)
                .setEnd(3_000_000)
                .setSession(1)
                .setFrameTimes(Collections.nCopies(16, 0L))
                .setSourceFrames(1)
                .setMissing(List.of())
                .setFrames(frames)
                .build();
    }

    private Cli.Result encode(String servers, String model, String worker, String heads, String... more) {
        String[] all = {
            "encode",
            "--bootstrap-servers",
            servers,
            "--model",
            model,
            "--head",
            heads,
            "--device",
            "cpu",
            "--state-dir",
            directory.resolve(worker).toString()
        };
        return Cli.run(Cli.join(all, more));
    }
}
