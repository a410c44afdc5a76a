package io.jepastream.app.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jepastream.ingest.wire.Topics;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TopicCheckTest {
    private final TopicCheck check = new TopicCheck(new Site("localhost:9092", "test", Map.of()));
    private final Map<String, TopicCheck.Facts> topics = new HashMap<>();

    TopicCheckTest() {
        Topics.ALL.forEach(topic -> set(topic, 4, 3, Map.of("cleanup.policy", "delete", "min.insync.replicas", "2")));
        set(Topics.SITE, 1, 3, Map.of("cleanup.policy", "compact", "min.insync.replicas", "2"));
    }

    private void set(String topic, int partitions, int copies, Map<String, String> settings) {
        topics.put(topic, new TopicCheck.Facts(partitions, copies, settings));
    }

    private String error() {
        assertThat(check.findings(topics).errors()).hasSize(1);
        return check.findings(topics).errors().get(0);
    }

    @Test
    void topicsAsTheyAreMade_areFine_alsoWhereSettingsMayNotBeRead() {
        assertThat(check.findings(topics)).isEqualTo(new TopicCheck.Findings(java.util.List.of(), java.util.List.of()));
        topics.replaceAll((topic, facts) -> new TopicCheck.Facts(facts.partitions(), 3, Map.of()));
        assertThat(check.findings(topics).errors()).isEmpty();
    }

    @Test
    void missingTopic_isNamed() {
        topics.remove(Topics.EMBEDDINGS);
        assertThat(error()).isEqualTo("want embeddings, got none; run 'jepa topics create'");
    }

    @Test
    void compactionOfRecords_andRetentionOfTheAgreement_areRefused() {
        set(Topics.CLIPS, 4, 3, Map.of("cleanup.policy", "compact,delete"));
        assertThat(error()).startsWith("clips: want cleanup.policy delete, got compact,delete");
        set(Topics.CLIPS, 4, 3, Map.of());
        set(Topics.SITE, 1, 3, Map.of("cleanup.policy", "delete"));
        assertThat(error()).isEqualTo("site: want cleanup.policy compact, got delete");
        set(Topics.SITE, 2, 3, Map.of());
        assertThat(error()).isEqualTo("site: want 1 partition, got 2");
    }

    @Test
    void recordsThatAreTooSmallForAClip_areRefused() {
        set(Topics.CLIPS, 4, 3, Map.of("max.message.bytes", "1048588"));
        assertThat(error()).startsWith("clips: want max.message.bytes of 8388608 or more, got 1048588");
    }

    @Test
    void moreCopiesWantedThanThereAre_isRefused_andTooFewIsAWarning() {
        set(Topics.FRAMES, 4, 1, Map.of("min.insync.replicas", "2"));
        assertThat(error()).startsWith("frames: want min.insync.replicas of at most its 1 copies, got 2");
        set(Topics.FRAMES, 4, 3, Map.of("min.insync.replicas", "1"));
        assertThat(check.findings(topics).errors()).isEmpty();
        assertThat(check.findings(topics).warnings()).singleElement().asString().contains("min.insync.replicas is 1");
    }

    @Test
    void partitionsThatWereAddedToASource_areRefused() {
        set("test-assemble-clip-cameras-changelog", 2, 3, Map.of());
        assertThat(error()).startsWith("test-assemble-clip-cameras-changelog: want the 4 partitions of frames, got 2");
        topics.remove("test-assemble-clip-cameras-changelog");
        set("test-encode-encode-positions-changelog", 4, 3, Map.of("cleanup.policy", "compact"));
        assertThat(check.findings(topics).errors()).isEmpty();
    }

    @Test
    void stateDirectory_mustBeAFolderWithRoom(@TempDir Path directory) throws Exception {
        Path made = directory.resolve("a/b");
        StateDirectory.require(made);
        assertThat(made).isEmptyDirectory();
        Path file = Files.createFile(directory.resolve("file"));
        assertThatThrownBy(() -> StateDirectory.require(file)).hasMessageContaining("state directory " + file);
        assertThatThrownBy(() -> StateDirectory.requireRoom(made, 100L << 20))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("want 256 MiB of free disk or more, got 100 MiB");
    }
}
