package io.jepastream.app.selftest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jepastream.app.kafka.EmbeddedKafka;
import io.jepastream.app.kafka.Site;
import io.jepastream.app.kafka.TopicSetup;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.CloseOptions.GroupMembershipOperation;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RemainsIT {
    private static final String GROUP = "own-assemble";

    @TempDir
    Path directory;

    @Test
    void groupOfAKilledWorker_isWaitedFor_andOthersTopicsStay() throws Exception {
        try (EmbeddedKafka kafka = EmbeddedKafka.start(directory)) {
            Site site = new Site(kafka.bootstrapServers(), "own", Map.of());
            try (Admin admin = Admin.create(site.clientSettings())) {
                new TopicSetup(admin).ensure(1, (short) 1, Duration.ofHours(1));
                admin.createTopics(List.of(new NewTopic("own-assemble-store-changelog", 1, (short) 1)))
                        .all()
                        .get();
                admin.createTopics(List.of(new NewTopic("orders", 1, (short) 1)))
                        .all()
                        .get();
                dieAsMember(site);

                Remains remains = new Remains(admin, site);
                assertThatThrownBy(() -> remains.remove(Duration.ZERO))
                        .isInstanceOf(KafkaException.class)
                        .hasMessageContaining(GROUP + " still has members");
                remains.remove(Duration.ofMinutes(1));

                assertThat(admin.listGroups().all().get()).isEmpty();
                assertThat(admin.listTopics().names().get())
                        .contains("orders")
                        .noneMatch(Remains.topics(admin, site)::contains);
            }
        }
    }

    /** A member that is gone without a word, as after kill -9. */
    private static void dieAsMember(Site site) {
        Map<String, Object> settings = site.clientSettings();
        settings.put("group.id", GROUP);
        settings.put("session.timeout.ms", 6000);
        settings.put("heartbeat.interval.ms", 2000);
        KafkaConsumer<byte[], byte[]> member =
                new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        member.subscribe(List.of("orders"));
        while (member.assignment().isEmpty()) {
            member.poll(Duration.ofMillis(100));
        }
        member.close(CloseOptions.groupMembershipOperation(GroupMembershipOperation.REMAIN_IN_GROUP));
    }
}
