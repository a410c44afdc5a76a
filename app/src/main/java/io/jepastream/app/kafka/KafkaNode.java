package io.jepastream.app.kafka;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.utils.Time;

/**
 * One node, broker and controller, of a cluster on this machine, as a process of its own: what can be killed and started again
 * while the others go on.
 *
 * @param id from 1
 * @param directory its data; kept between starts
 * @param port for the cluster itself and for whoever is not to be disturbed
 * @param controllerPort for the controllers
 * @param clientPort where it listens for clients that come through a proxy
 * @param proxyPort the port that it names to those
 */
public record KafkaNode(int id, Path directory, int port, int controllerPort, int clientPort, int proxyPort) {
    private static final String HOST = "127.0.0.1:";
    private static final String CLUSTER = "cluster.id";

    /** Where undisturbed clients connect. */
    public String address() {
        return HOST + port;
    }

    /** Where clients connect whose connections may be cut. */
    public String proxyAddress() {
        return HOST + proxyPort;
    }

    /**
     * The node's settings as a file for {@link #main}.
     *
     * @param cluster the cluster's id, the same for all nodes
     * @param nodes all nodes, this one too
     * @return the file, beside the node's data
     */
    public Path writeSettings(String cluster, List<KafkaNode> nodes) throws IOException {
        Map<String, String> settings = new HashMap<>(Map.of(
                CLUSTER,
                cluster,
                "node.id",
                Integer.toString(id),
                "process.roles",
                "broker,controller",
                "log.dirs",
                directory.toString(),
                "listeners",
                "PLAINTEXT://%s,CONTROLLER://%s,CLIENTS://%s"
                        .formatted(HOST + port, HOST + controllerPort, HOST + clientPort),
                "advertised.listeners",
                "PLAINTEXT://%s,CLIENTS://%s".formatted(address(), proxyAddress()),
                "listener.security.protocol.map",
                "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,CLIENTS:PLAINTEXT",
                "controller.listener.names",
                "CONTROLLER",
                "inter.broker.listener.name",
                "PLAINTEXT",
                "controller.quorum.voters",
                nodes.stream()
                        .map(node -> node.id + "@" + HOST + node.controllerPort)
                        .collect(Collectors.joining(","))));
        settings.putAll(shared(nodes.size()));
        Properties properties = new Properties();
        properties.putAll(settings);
        Path file = directory.resolveSibling(directory.getFileName() + ".properties");
        Files.createDirectories(directory);
        try (var out = Files.newBufferedWriter(file, StandardCharsets.UTF_8)) {
            properties.store(out, null);
        }
        return file;
    }

    /**
     * What every node is told. {@code transaction.abort.timed.out.transaction.cleanup.interval.ms} stays as it is: lowered, a
     * broker that is killed leaves transactions that never end.
     */
    private static Map<String, String> shared(int nodes) {
        Map<String, String> settings = new HashMap<>();
        String enough = Integer.toString(nodes / 2 + 1);
        for (String topic : List.of("offsets.topic", "transaction.state.log", "share.coordinator.state.topic")) {
            settings.put(topic + ".replication.factor", Integer.toString(nodes));
            settings.put(topic + ".num.partitions", Integer.toString(nodes));
        }
        settings.put("transaction.state.log.min.isr", enough);
        settings.put("share.coordinator.state.topic.min.isr", enough);
        settings.put("min.insync.replicas", enough);
        settings.put("default.replication.factor", Integer.toString(nodes));
        settings.put("group.initial.rebalance.delay.ms", "0");
        settings.put("auto.create.topics.enable", "false");
        settings.put("message.max.bytes", Integer.toString(8 << 20));
        settings.put("log.cleaner.dedupe.buffer.size", Integer.toString(4 << 20));
        settings.put("controller.quorum.fetch.timeout.ms", "6000"); // a busy machine is no reason for an election
        settings.put("controller.quorum.election.timeout.ms", "3000");
        settings.put("num.network.threads", "2");
        settings.put("num.io.threads", "4");
        return settings;
    }

    /**
     * Runs a node until it is killed.
     *
     * @param args the file of {@link #writeSettings}
     */
    public static void main(String[] args) throws IOException {
        Map<String, String> settings = new HashMap<>();
        try (Reader in = Files.newBufferedReader(Path.of(args[0]), StandardCharsets.UTF_8)) {
            Properties properties = new Properties();
            properties.load(in);
            properties.stringPropertyNames().forEach(name -> settings.put(name, properties.getProperty(name)));
        }
        String cluster = settings.remove(CLUSTER);
        Path directory = Path.of(settings.getOrDefault("log.dirs", ""));
        if (cluster != null && !Files.exists(directory.resolve("meta.properties"))) {
            EmbeddedKafka.format(directory, Integer.parseInt(settings.getOrDefault("node.id", "")), cluster);
        }
        KafkaRaftServer server = new KafkaRaftServer(new KafkaConfig(settings, false), Time.SYSTEM);
        Runtime.getRuntime().addShutdownHook(new Thread(server::shutdown, "node-stop"));
        server.startup();
        server.awaitShutdown();
    }
}
