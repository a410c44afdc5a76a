package io.jepastream.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.jepastream.app.kafka.EmbeddedKafka;
import io.jepastream.app.kafka.ModelAgreement;
import io.jepastream.app.kafka.ModelSheet;
import io.jepastream.app.kafka.Site;
import io.jepastream.app.kafka.SiteLog;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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

    private Cli.Result encode(String servers, String model, String worker, String heads) {
        return Cli.run(
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
                directory.resolve(worker).toString());
    }
}
