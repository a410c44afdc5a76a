package io.jepastream.app.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jepastream.ingest.wire.Frame;
import io.jepastream.ingest.wire.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.avro.Schema;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the processes of a site agree on, against a real broker. */
class SiteAgreementIT {
    @TempDir
    Path directory;

    private EmbeddedKafka kafka;
    private Site site;

    @BeforeEach
    void start() throws Exception {
        kafka = EmbeddedKafka.start(directory.resolve("kafka"));
        site = new Site(kafka.bootstrapServers(), "test", Map.of());
        try (Admin admin = Admin.create(site.clientSettings())) {
            new TopicSetup(admin).ensure(2, (short) 1, Duration.ofHours(1));
        }
    }

    @AfterEach
    void stop() {
        kafka.close();
    }

    private static ModelSheet sheet(String weights) {
        return new ModelSheet(Map.of("weights", weights, "precision", "fp32", "head motion", "h1"));
    }

    @Test
    void workersWithOneModel_agree_andAnotherModelIsRefused_untilItReplacesTheFirst() {
        try (SiteLog log = new SiteLog(site)) {
            ModelAgreement first = new ModelAgreement(site, log, sheet("aa"));
            ModelAgreement same = new ModelAgreement(site, log, sheet("aa"));
            ModelAgreement other = new ModelAgreement(site, log, sheet("bb"));
            first.seek("");
            same.seek("");
            assertThat(same.broken()).isEmpty();
            String old = sheet("aa").digest();
            assertThatThrownBy(() -> other.seek(""))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("model: want %s, as the other workers of this site, got %s"
                            .formatted(old, sheet("bb").digest()))
                    .hasMessageContaining("weights: want aa, got bb")
                    .hasMessageContaining("--replace-model " + old)
                    .hasMessageNotContaining("precision");
            assertThatThrownBy(() -> other.seek(old.substring(0, 7))).hasMessageContaining("model: want");

            other.seek(old.substring(0, 8));
            assertThat(other.broken()).isEmpty();
            assertThat(first.broken())
                    .get()
                    .asString()
                    .contains("was replaced by " + sheet("bb").digest());
            other.seek(old); // what the orchestrator does when this worker has crashed
            assertThatThrownBy(() -> first.seek(old)).hasMessageContaining("weights: want bb, got aa");
        }
    }

    /** Look and write are one step: else several of these would believe that they were first. */
    @Test
    void ofWorkersThatStartTogether_onlyOneModelIsAccepted() throws Exception {
        int workers = 6;
        ExecutorService threads = Executors.newFixedThreadPool(workers);
        CountDownLatch go = new CountDownLatch(1);
        List<Future<Boolean>> results = new ArrayList<>();
        for (int i = 0; i < workers; i++) {
            String weights = i % 2 == 0 ? "aa" : "bb";
            Callable<Boolean> worker = () -> {
                try (SiteLog log = new SiteLog(site)) {
                    go.await();
                    new ModelAgreement(site, log, sheet(weights)).seek("");
                    return weights.equals("aa");
                }
            };
            results.add(threads.submit(worker));
        }
        go.countDown();
        List<Boolean> accepted = new ArrayList<>();
        for (Future<Boolean> result : results) {
            try {
                accepted.add(result.get());
            } catch (ExecutionException e) {
                assertThat(e).hasCauseInstanceOf(IllegalArgumentException.class);
            }
        }
        threads.shutdown();
        assertThat(accepted).hasSize(3);
        assertThat(accepted.stream().distinct()).hasSize(1);
    }

    @Test
    void schemasArePublishedOnce_andFoundByOtherProcesses() throws Exception {
        Schema later = new Schema.Parser()
                .parse(Frame.getClassSchema().toString().replace("\"decode_errors\"", "\"decode_failures\""));
        try (SiteLog ours = new SiteLog(site);
                SiteLog theirs = new SiteLog(site)) {
            SchemaLog reader = new SchemaLog(theirs);
            assertThat(reader.find(Schemas.fingerprint(later))).isEmpty();
            new SchemaLog(ours).publish(site, List.of(later));
            assertThat(reader.find(Schemas.fingerprint(later))).contains(later);
            int records = ours.latest().size();
            new SchemaLog(ours).publish(site, List.of(later));
            assertThat(ours.latest()).hasSize(records);
            assertThat(reader.find(42)).isEmpty();
        }
    }

    @Test
    void topicsThatTheStagesCannotWorkWith_areRefusedByName() throws Exception {
        try (Admin admin = Admin.create(site.clientSettings())) {
            TopicCheck check = new TopicCheck(site);
            check.require(admin);
            admin.deleteTopics(List.of(Topics.CLIP_GAPS)).all().get();
            admin.createPartitions(Map.of(Topics.SITE, NewPartitions.increaseTo(2)))
                    .all()
                    .get();
            assertThatThrownBy(() -> check.require(admin))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("want clip-gaps, got none")
                    .hasMessageContaining("site: want 1 partition, got 2");
        }
    }
}
