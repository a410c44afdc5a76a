package io.jepastream.app.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jepastream.ingest.wire.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedKafkaIT {
    @TempDir
    Path directory;

    @Test
    void broker_keepsCommittedRecordsBetweenStarts_andHidesAbortedOnes() throws Exception {
        try (EmbeddedKafka kafka = EmbeddedKafka.start(directory)) {
            Site site = new Site(kafka.bootstrapServers(), "test", Map.of());
            List<TopicSetup.Found> first = ensure(site);
            assertThat(first).extracting(TopicSetup.Found::topic).isEqualTo(Topics.ALL);
            assertThat(first)
                    .allMatch(topic -> topic.created()
                            && topic.partitions() == (topic.topic().equals(Topics.SITE) ? 1 : 3));
            assertThat(ensure(site)).noneMatch(TopicSetup.Found::created);
            write(site, "kept", true);
            write(site, "aborted", false);
        }
        try (EmbeddedKafka kafka = EmbeddedKafka.start(directory)) {
            Site site = new Site(kafka.bootstrapServers(), "test", Map.of());
            assertThat(ensure(site)).noneMatch(TopicSetup.Found::created);
            assertThat(read(site)).containsExactly("kept");
        }
    }

    @Test
    void topicThatDoesNotExist_isNamed() throws Exception {
        try (EmbeddedKafka kafka = EmbeddedKafka.start(directory)) {
            Site site = new Site(kafka.bootstrapServers(), "test", Map.of());
            assertThatThrownBy(() -> TopicReader.open(site, "nothing-here", true))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("nothing-here");
        }
    }

    private static List<TopicSetup.Found> ensure(Site site) throws InterruptedException {
        try (Admin admin = Admin.create(site.clientSettings())) {
            return new TopicSetup(admin).ensure(3, (short) 1, Duration.ofHours(1));
        }
    }

    private static void write(Site site, String value, boolean commit) {
        Map<String, Object> settings = site.clientSettings();
        settings.put("transactional.id", "writer");
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.initTransactions();
            producer.beginTransaction();
            ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(Topics.CLIPS, value.getBytes(UTF_8));
            assertThat(producer.send(record)).isNotNull();
            producer.flush();
            if (commit) {
                producer.commitTransaction();
            } else {
                producer.abortTransaction();
            }
        }
    }

    private static List<String> read(Site site) {
        List<String> values = new ArrayList<>();
        try (TopicReader reader = TopicReader.open(site, Topics.CLIPS, true)) {
            while (reader.recordsLeft() > 0) {
                for (ConsumerRecord<byte[], byte[]> record : reader.poll()) {
                    values.add(new String(record.value(), UTF_8));
                }
            }
        }
        return values;
    }
}
