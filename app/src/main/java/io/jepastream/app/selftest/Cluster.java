package io.jepastream.app.selftest;

import io.jepastream.app.kafka.KafkaNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.Uuid;

/** Kafka nodes as processes of their own, each behind a {@link CutProxy}. */
final class Cluster implements AutoCloseable {
    private static final Duration LONGEST_START = Duration.ofMinutes(5);

    private final List<KafkaNode> nodes = new ArrayList<>();
    private final List<Member> members = new ArrayList<>();
    private final List<CutProxy> proxies = new ArrayList<>();

    /** Starts so many nodes; returns when all of them serve. */
    static Cluster start(int size, Path directory, Path logs) throws IOException, InterruptedException {
        Cluster cluster = new Cluster();
        try {
            cluster.open(size, directory, logs);
            return cluster;
        } catch (IOException | InterruptedException | RuntimeException e) {
            cluster.close();
            throw e;
        }
    }

    private void open(int size, Path directory, Path logs) throws IOException, InterruptedException {
        Ports ports = new Ports();
        for (int id = 1; id <= size; id++) {
            nodes.add(new KafkaNode(
                    id, directory.resolve("node-" + id), ports.next(), ports.next(), ports.next(), ports.next()));
        }
        Files.createDirectories(directory);
        String id = Uuid.randomUuid().toString();
        for (KafkaNode node : nodes) {
            Path settings = node.writeSettings(id, nodes);
            Member member = new Member(
                    "broker-" + node.id(),
                    List.of("-Xmx256m", "-Djava.io.tmpdir=" + System.getProperty("java.io.tmpdir")),
                    List.of(KafkaNode.class.getName(), settings.toString()),
                    logs.resolve("broker-" + node.id() + ".log"));
            member.start();
            members.add(member);
            proxies.add(new CutProxy(node.proxyPort(), node.clientPort()));
        }
        awaitAll();
    }

    /** Where the harness itself connects. */
    String directServers() {
        return nodes.stream().map(KafkaNode::address).collect(Collectors.joining(","));
    }

    /** Where workers connect: through the proxies. */
    String workerServers() {
        return nodes.stream().map(KafkaNode::proxyAddress).collect(Collectors.joining(","));
    }

    int size() {
        return nodes.size();
    }

    /** A node's process, from 0. */
    Member node(int index) {
        return members.get(index);
    }

    /** The network in front of a node, from 0. */
    CutProxy proxy(int index) {
        return proxies.get(index);
    }

    /** Every network. */
    List<CutProxy> proxies() {
        return proxies;
    }

    /** The node, from 0, that leads the controllers now. */
    int activeController() throws InterruptedException {
        try (Admin admin = admin()) {
            return admin.describeMetadataQuorum().quorumInfo().get().leaderId() - 1;
        } catch (ExecutionException e) {
            throw new IllegalStateException("asking for the active controller failed: " + e.getMessage(), e);
        }
    }

    private Admin admin() {
        return Admin.create(Map.of("bootstrap.servers", directServers()));
    }

    private void awaitAll() throws InterruptedException {
        long deadline = System.nanoTime() + LONGEST_START.toNanos();
        try (Admin admin = admin()) {
            while (true) {
                try {
                    if (admin.describeCluster().nodes().get().size() == size()) {
                        return;
                    }
                } catch (ExecutionException e) {
                    if (System.nanoTime() > deadline) {
                        throw new IllegalStateException("the cluster did not start within " + LONGEST_START, e);
                    }
                }
                if (System.nanoTime() > deadline) {
                    throw new IllegalStateException("the cluster did not start within " + LONGEST_START);
                }
                Thread.sleep(200);
            }
        }
    }

    @Override
    public void close() throws IOException {
        members.forEach(Member::end);
        for (CutProxy proxy : proxies) {
            proxy.close();
        }
    }
}
