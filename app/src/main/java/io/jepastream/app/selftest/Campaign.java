package io.jepastream.app.selftest;

import io.jepastream.app.kafka.Site;
import io.jepastream.app.kafka.TopicSetup;
import io.jepastream.app.selftest.Schedule.Planned;
import io.jepastream.app.selftest.Workers.Worker;
import io.jepastream.ingest.clip.ClipConfig;
import io.jepastream.ingest.wire.Topics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InvalidReplicationFactorException;
import org.jspecify.annotations.Nullable;

/** A cluster, workers, footage and faults; then rest, and the comparison with the ground truth. */
public final class Campaign {
    private static final Duration LONGEST_START = Duration.ofMinutes(10);
    private static final Duration LONGEST_FENCED = Duration.ofMinutes(1);
    private static final Duration UNDISTURBED = Duration.ofSeconds(10);
    private static final Duration LONGEST_RECOVERY = Duration.ofMinutes(4);
    private static final Duration LONGEST_EFFECT = Duration.ofMinutes(1);
    private static final Duration LONGEST_REST = Duration.ofMinutes(6);
    private static final Duration LONGEST_REMOVAL = Duration.ofMinutes(2);
    private static final int FAULTS_WITHOUT_RECOVERY =
            4; // so many may meet a pipeline that has not recovered from the one before
    private static final String GROUP = "selftest";
    private static final short BROKERS_DEFAULT = -1;

    private final Settings settings;
    private final Brain brain;
    private final Consumer<String> say;
    private final Summary summary;
    private final Ports ports = new Ports();
    private @Nullable MemoryLog memory;
    private final long started = System.nanoTime();

    /**
     * Prepares a campaign.
     *
     * @param brain the model, for the truth
     * @param say takes lines for people
     */
    public Campaign(Settings settings, Brain brain, Consumer<String> say) {
        this.settings = settings;
        this.brain = brain;
        this.say = say;
        summary = new Summary(settings);
    }

    /** Runs it on a cluster of its own. */
    public Summary run() throws IOException, InterruptedException {
        Path logs = Files.createDirectories(settings.out().resolve("logs"));
        try (Cluster cluster = Cluster.start(settings.brokers(), settings.out().resolve("cluster"), logs);
                Workers workers = new Workers()) {
            Site direct = new Site(cluster.directServers(), GROUP, Map.of());
            Site proxied = new Site(cluster.workerServers(), GROUP, Map.of());
            guarded(workers, cluster, () -> run(direct, proxied, cluster, workers));
        }
        return summary;
    }

    /**
     * Runs it on somebody's cluster, whose brokers are left alone, and takes its topics away again.
     *
     * @param site the cluster, and a group that is not used; {@link io.jepastream.ingest.wire.Topics} must have its prefix
     */
    public Summary run(Site site) throws IOException, InterruptedException {
        try (Workers workers = new Workers()) {
            guarded(workers, null, () -> run(site, site, null, workers));
        }
        try (Admin admin = Admin.create(site.clientSettings())) {
            new Remains(admin, site).remove(LONGEST_REMOVAL);
        } catch (KafkaException e) { // the campaign is over: what it found must not be lost
            say.accept(e.getMessage());
        }
        return summary;
    }

    /** Runs this so that no process is left, however it ends. */
    private static void guarded(Workers workers, @Nullable Cluster cluster, Work work)
            throws IOException, InterruptedException {
        Thread last = new Thread(() -> endAll(cluster, workers), "selftest-end");
        Runtime.getRuntime().addShutdownHook(last);
        try {
            work.run();
        } finally {
            Runtime.getRuntime().removeShutdownHook(last);
        }
    }

    /** What {@link #guarded} runs. */
    private interface Work {
        void run() throws IOException, InterruptedException;
    }

    private void run(Site direct, Site proxied, @Nullable Cluster cluster, Workers workers)
            throws IOException, InterruptedException {
        try (Admin admin = Admin.create(direct.clientSettings())) {
            short copies = cluster == null ? BROKERS_DEFAULT : (short) cluster.size();
            makeTopics(new TopicSetup(admin), copies);
            memory = settings.kinds().isEmpty() ? new MemoryLog(settings.out().resolve("memory.csv")) : null;
            Faults.Newcomer newcomer = (name, encodes) -> worker(workers, proxied, name, encodes);
            for (int i = 1; i <= settings.workers(); i++) {
                newcomer.add("assemble-" + i, false);
                newcomer.add("encode-" + i, true);
            }
            BitSet acknowledged;
            try (Feeder feeder = new Feeder(direct, settings.cameras(), settings.speed(), settings.seed());
                    Silence silence = new Silence(direct, feeder.cameras())) {
                awaitAll(feeder, silence, LONGEST_START);
                workers.keepAlive();
                if (memory == null) {
                    disturb(new Faults(feeder, workers, newcomer, cluster, settings.out()), feeder, silence);
                } else {
                    soak(memory, feeder, silence);
                }
                feeder.finish();
                acknowledged = feeder.acknowledged();
            }
            verify(admin, direct, workers, acknowledged);
        }
    }

    /** Makes them as soon as so many brokers may hold partitions: one that serves already may still be fenced. */
    private void makeTopics(TopicSetup topics, short copies) throws InterruptedException {
        long from = System.nanoTime();
        while (true) {
            try {
                topics.ensure(settings.partitions(), copies, Duration.ofDays(7));
                return;
            } catch (KafkaException e) {
                if (!(e.getCause() instanceof InvalidReplicationFactorException)
                        || since(from).compareTo(LONGEST_FENCED) > 0) {
                    throw e;
                }
            }
            Thread.sleep(200);
        }
    }

    private void verify(Admin admin, Site site, Workers workers, BitSet acknowledged) throws InterruptedException {
        long ended = System.nanoTime();
        say.accept("%s the footage is over; waiting for rest".formatted(clock()));
        List<Difference> moving = new Rest(admin, site).await(LONGEST_REST);
        Duration untilRest = since(ended);
        say.accept("%s comparing %d frames and what became of them".formatted(clock(), acknowledged.cardinality()));
        summary.finish(Verification.of(site, ClipConfig.defaults(), brain, acknowledged), moving, workers.ends());
        summary.took(untilRest, since(started));
    }

    private void disturb(Faults faults, Feeder feeder, Silence silence) throws IOException, InterruptedException {
        silence.longest();
        Thread.sleep(UNDISTURBED.toMillis());
        summary.undisturbed(silence.longest());
        long begun = System.nanoTime();
        Schedule schedule = new Schedule(settings.kinds(), settings.longestPause(), settings.seed());
        for (int i = 1; i <= settings.faults() && since(begun).compareTo(settings.time()) < 0; i++) {
            Planned fault = schedule.next();
            Duration at = since(started);
            String target = faults.strike(fault);
            say.accept("%s %3d %s: %s"
                    .formatted(clock(), fault.number(), fault.kind().id(), target));
            Thread.sleep(fault.pause().toMillis());
            boolean last = i == settings.faults() || since(begun).compareTo(settings.time()) >= 0;
            if (last || i % FAULTS_WITHOUT_RECOVERY == 0) {
                awaitAll(feeder, silence, LONGEST_RECOVERY);
            }
            summary.add(new Summary.Struck(fault, target, at, silence.longest()));
        }
        awaitEffect(faults);
    }

    /** Waits until every fault has happened, for a while: those of the model wait for a call, or for a clip. */
    private void awaitEffect(Faults faults) throws InterruptedException {
        long from = System.nanoTime();
        List<String> pending = faults.pending();
        while (!pending.isEmpty() && since(from).compareTo(LONGEST_EFFECT) < 0) {
            Thread.sleep(100);
            pending = faults.pending();
        }
        summary.withoutEffect(pending);
    }

    /** Lets it run undisturbed, and watches the workers' memory. */
    private void soak(MemoryLog watched, Feeder feeder, Silence silence) throws InterruptedException {
        silence.longest();
        try (watched) {
            watched.start();
            long begun = System.nanoTime();
            while (since(begun).compareTo(settings.time()) < 0) {
                feeder.check();
                Thread.sleep(500);
            }
        }
        summary.undisturbed(silence.longest());
        summary.memory(watched.rows());
    }

    /** Waits until every camera is heard again; whether it ever is, the comparison will say. */
    private void awaitAll(Feeder feeder, Silence silence, Duration longest) throws InterruptedException {
        long from = System.nanoTime();
        while (!silence.allHeardSince(from)) {
            feeder.check();
            if (since(from).compareTo(longest) > 0) {
                say.accept("%s a camera was not heard for %s".formatted(clock(), longest));
                return;
            }
            Thread.sleep(100);
        }
    }

    private Worker worker(Workers workers, Site site, String name, boolean encodes) throws IOException {
        List<String> jepa = new ArrayList<>();
        jepa.add(encodes ? "encode" : "assemble");
        jepa.addAll(List.of("--bootstrap-servers", site.bootstrapServers(), "--group", site.group()));
        jepa.addAll(List.of("--threads", "2"));
        List<String> jvm = new ArrayList<>(List.of("-Xmx" + (encodes ? "512m" : "256m")));
        jvm.addAll(List.of("-XX:MaxDirectMemorySize=256m", "-Dai.djl.offline=true"));
        jvm.addAll(List.of("-Dorg.bytedeco.javacpp.logger=slf4j"));
        if (encodes) {
            jepa.addAll(settings.model());
        }
        if (memory != null) {
            int port = ports.next();
            jepa.addAll(List.of("--metrics", Integer.toString(port)));
            memory.add(name, port);
            jvm.addAll(List.of(
                    "-Xms" + (encodes ? "512m" : "256m"),
                    "-XX:+AlwaysPreTouch")); // else the heap hides what grows beside it
        }
        if (settings.kafkaConfig() != null) {
            jepa.addAll(List.of("--kafka-config", settings.kafkaConfig().toString()));
        }
        jvm.add("-D%s=%s".formatted(Topics.PREFIX_PROPERTY, System.getProperty(Topics.PREFIX_PROPERTY, "")));
        return workers.add(name, jepa, jvm, settings.out());
    }

    private static void endAll(@Nullable Cluster cluster, Workers workers) {
        try {
            workers.close();
            if (cluster != null) {
                cluster.close();
            }
        } catch (IOException e) {
            System.err.println("jepa: a process of the self-test may be left: " + e.getMessage());
        }
    }

    private String clock() {
        Duration time = since(started);
        return "%02d:%02d:%02d".formatted(time.toHours(), time.toMinutesPart(), time.toSecondsPart());
    }

    private static Duration since(long nanos) {
        return Duration.ofNanos(System.nanoTime() - nanos);
    }
}
