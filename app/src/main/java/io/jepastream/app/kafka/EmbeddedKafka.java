package io.jepastream.app.kafka;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;

/**
 * A real Kafka broker and controller (KRaft) inside this process, on loopback: for the demo, for files, and for tests.
 *
 * <p>A fault that Kafka holds fatal (a full disk) ends the process. The data directory keeps topics and records between starts.
 */
public final class EmbeddedKafka implements AutoCloseable {
    private static final int NODE = 1;
    private static final int BIND_TRIES = 5;

    private final KafkaRaftServer server;
    private final String bootstrapServers;

    private EmbeddedKafka(KafkaRaftServer server, String bootstrapServers) {
        this.server = server;
        this.bootstrapServers = bootstrapServers;
    }

    /**
     * Starts a broker; returns when it serves.
     *
     * @param directory its data; made and formatted if it is new
     * @return the broker; the caller closes it
     * @throws IOException if the directory cannot be used
     */
    public static EmbeddedKafka start(Path directory) throws IOException {
        if (!Files.exists(directory.resolve("meta.properties"))) {
            format(directory, NODE, Uuid.randomUuid().toString());
        }
        for (int tries = 1; ; tries++) {
            int port = freePort();
            KafkaRaftServer server =
                    new KafkaRaftServer(new KafkaConfig(settings(directory, port), false), Time.SYSTEM);
            try {
                server.startup();
                return new EmbeddedKafka(server, "127.0.0.1:" + port);
            } catch (KafkaException e) { // another process may have taken the port meanwhile
                server.shutdown();
                if (tries == BIND_TRIES) {
                    throw e;
                }
            }
        }
    }

    /** Where clients connect: {@code host:port}. */
    public String bootstrapServers() {
        return bootstrapServers;
    }

    @Override
    public void close() {
        server.shutdown();
        server.awaitShutdown();
    }

    static void format(Path directory, int node, String cluster) throws IOException {
        Files.createDirectories(directory);
        try {
            new Formatter()
                    .setPrintStream(new PrintStream(OutputStream.nullOutputStream()))
                    .setNodeId(node)
                    .setClusterId(cluster)
                    .setControllerListenerName("CONTROLLER")
                    .setMetadataLogDirectory(directory.toString())
                    .addDirectory(directory.toString())
                    .run();
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) { // what Formatter declares
            throw new IOException("formatting %s for Kafka failed: %s".formatted(directory, e.getMessage()), e);
        }
    }

    private static Map<String, String> settings(Path directory, int port) throws IOException {
        int controller = freePort();
        Map<String, String> settings = new HashMap<>(Map.of(
                "node.id",
                Integer.toString(NODE),
                "process.roles",
                "broker,controller",
                "log.dirs",
                directory.toString(),
                "listeners",
                "PLAINTEXT://127.0.0.1:%d,CONTROLLER://127.0.0.1:%d".formatted(port, controller),
                "listener.security.protocol.map",
                "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
                "controller.listener.names",
                "CONTROLLER",
                "inter.broker.listener.name",
                "PLAINTEXT",
                "controller.quorum.voters",
                NODE + "@127.0.0.1:" + controller));
        for (String topic : List.of("offsets.topic", "transaction.state.log", "share.coordinator.state.topic")) {
            settings.put(topic + ".replication.factor", "1");
            settings.put(topic + ".num.partitions", "1");
        }
        settings.putAll(Map.of(
                "transaction.state.log.min.isr", "1",
                "share.coordinator.state.topic.min.isr", "1",
                "group.initial.rebalance.delay.ms", "0",
                "auto.create.topics.enable", "false",
                "message.max.bytes", Integer.toString(8 << 20),
                "log.cleaner.dedupe.buffer.size", Integer.toString(4 << 20), // the default takes 128 MiB of heap
                "broker.session.timeout.ms", "3000",
                "broker.heartbeat.interval.ms", "500"));
        return settings;
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
