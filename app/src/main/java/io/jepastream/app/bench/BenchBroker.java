package io.jepastream.app.bench;

import io.jepastream.app.kafka.EmbeddedKafka;
import io.jepastream.app.kafka.Site;
import io.jepastream.app.kafka.TopicSetup;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.LogDirDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Node;

/** A broker of one repetition's own in this process, with the pipeline's topics, new and empty. */
final class BenchBroker implements AutoCloseable {
    private static final Duration RETENTION = Duration.ofHours(24);

    private final Scratch scratch;
    private final EmbeddedKafka kafka;
    private final Admin admin;

    private BenchBroker(Scratch scratch, EmbeddedKafka kafka) {
        this.scratch = scratch;
        this.kafka = kafka;
        this.admin = Admin.create(site("bench").clientSettings());
    }

    /** Starts; the caller closes it. */
    static BenchBroker start(int partitions) throws IOException, InterruptedException {
        Scratch scratch = Scratch.open();
        BenchBroker broker =
                new BenchBroker(scratch, EmbeddedKafka.start(scratch.path().resolve("kafka")));
        new TopicSetup(broker.admin).ensure(partitions, (short) 1, RETENTION);
        return broker;
    }

    /** This broker for a group of this name. */
    Site site(String group) {
        return new Site(kafka.bootstrapServers(), group, Map.of());
    }

    Admin admin() {
        return admin;
    }

    /** Where stages keep their stores. */
    Path state(String group) {
        return scratch.path().resolve("state-" + group);
    }

    /** Bytes of the logs on disk, by topic. */
    Map<String, Long> logBytes() throws InterruptedException {
        Map<String, Long> bytes = new TreeMap<>();
        try {
            List<Integer> nodes =
                    admin.describeCluster().nodes().get().stream().map(Node::id).toList();
            for (Map<String, LogDirDescription> folders :
                    admin.describeLogDirs(nodes).allDescriptions().get().values()) {
                folders.values()
                        .forEach(folder -> folder.replicaInfos()
                                .forEach((partition, replica) ->
                                        bytes.merge(partition.topic(), replica.size(), Long::sum)));
            }
        } catch (ExecutionException e) {
            throw new KafkaException("reading the sizes of the logs failed: " + e.getMessage(), e);
        }
        return bytes;
    }

    @Override
    public void close() throws IOException {
        try (scratch) {
            admin.close();
            kafka.close();
        }
    }
}
