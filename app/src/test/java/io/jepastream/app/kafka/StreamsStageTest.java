package io.jepastream.app.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;

final class StreamsStageTest {
    private static Properties properties(Map<String, String> users) {
        return StreamsStage.properties(
                new Site("localhost:9092", Site.DEFAULT_GROUP, users),
                new StreamsStage.Settings(
                        "encode", 2, Duration.ofMillis(100), Duration.ofSeconds(15), 4, 1, Path.of("state")));
    }

    @Test
    void usersSettings_areTaken_butNotAnotherCluster() {
        Properties all = properties(Map.of("consumer.session.timeout.ms", "30000", "bootstrap.servers", "other:1"));
        assertThat(all)
                .containsEntry("consumer.session.timeout.ms", "30000")
                .containsEntry("bootstrap.servers", "localhost:9092")
                .containsEntry("processing.guarantee", "exactly_once_v2")
                .containsEntry("num.standby.replicas", 1)
                .containsEntry("producer.transaction.timeout.ms", 15_000)
                .containsEntry("rocksdb.config.setter", StoreMemory.class)
                .containsEntry("application.id", "jepastream-encode");
    }

    @Test
    void aWeakerGuarantee_isRefused() {
        assertThat(properties(Map.of("processing.guarantee", "exactly_once_v2")))
                .containsEntry("processing.guarantee", "exactly_once_v2");
        assertThatThrownBy(() -> properties(Map.of("processing.guarantee", "at_least_once")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("processing.guarantee: want exactly_once_v2, got at_least_once");
    }
}
