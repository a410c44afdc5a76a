package io.jepastream.app;

import io.jepastream.app.kafka.EmbeddedKafka;
import io.jepastream.app.kafka.GroupLag;
import io.jepastream.app.kafka.Site;
import io.jepastream.app.kafka.StateDirectory;
import io.jepastream.app.kafka.StreamsStage;
import io.jepastream.app.kafka.TopicSetup;
import io.jepastream.app.pipeline.CameraTally;
import io.jepastream.app.pipeline.PipelineMonitor;
import io.jepastream.app.pipeline.Stages;
import io.jepastream.encoder.stream.BatchedRunner;
import io.jepastream.ingest.camera.CameraConfig;
import io.jepastream.ingest.camera.CameraStatus;
import io.jepastream.ingest.camera.Cameras;
import io.jepastream.ingest.camera.KafkaFrames;
import io.jepastream.ingest.clip.ClipConfig;
import io.jepastream.ingest.clip.ClipTopology;
import io.jepastream.ingest.wire.Topics;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.jspecify.annotations.Nullable;

/** Cameras, both stages and, if no cluster is named, a broker: the whole pipeline in this process. */
final class LocalRun {
    private static final Duration LOOK = Duration.ofMillis(250);
    private static final Duration LONGEST_DRAIN = Duration.ofSeconds(6); // of the ten seconds that Ctrl-C may take
    private static final int LEAST_PARTITIONS = 4;

    private final Plan plan;
    private final PrintWriter out;

    /**
     * What to run.
     *
     * @param site the cluster, or an embedded one
     * @param broker where an embedded one keeps its data
     * @param cameras and files
     * @param clips how windows lie
     * @param model what encodes
     * @param metrics whether and where they are served
     * @param time how long to run; none: until stopped, or until the files are done
     */
    record Plan(
            SiteOptions site,
            BrokerOptions broker,
            List<CameraConfig> cameras,
            ClipConfig clips,
            ServeOptions model,
            Metrics.Options metrics,
            @Nullable Duration time) {}

    LocalRun(Plan plan, PrintWriter out) {
        this.plan = plan;
        this.out = out;
    }

    /**
     * Runs to the end.
     *
     * @return the exit code: 1 if a stage or a file failed
     */
    int run() throws IOException, InterruptedException {
        try (StopSignal stop = new StopSignal();
                Metrics metrics = Metrics.open(plan.metrics());
                DataDirectory data = DataDirectory.open(plan.broker());
                ServedModel model = ServedModel.open(plan.model())) {
            if (plan.site().isGiven()) {
                return run(plan.site().site(), data, model, metrics.registry(), stop);
            }
            try (EmbeddedKafka kafka = EmbeddedKafka.start(data.kafka())) {
                out.printf("Kafka (embedded) at %s%n", kafka.bootstrapServers());
                return run(plan.site().embedded(kafka.bootstrapServers()), data, model, metrics.registry(), stop);
            }
        }
    }

    private int run(Site site, DataDirectory data, ServedModel model, MeterRegistry metrics, StopSignal stop)
            throws IOException, InterruptedException {
        try (Admin admin = Admin.create(site.clientSettings())) {
            int partitions =
                    Math.max(LEAST_PARTITIONS, model.threads()); // a thread without one would leave a batch unfilled
            new TopicSetup(admin).ensure(partitions, (short) -1, Duration.ofHours(24));
            out.println(model.describe());
            out.flush();
            StateDirectory.require(data.state());
            try (Membership member = Membership.join(site)) {
                if (plan.site().isGiven()) {
                    member.agreeOn(model.sheet(), plan.model().replacedModel);
                } else {
                    member.impose(model.sheet());
                }
                return run(new Joined(site, member, admin), data, model, metrics, stop);
            }
        }
    }

    /** The site, checked and agreed with. */
    private record Joined(Site site, Membership member, Admin admin) {}

    private int run(Joined joined, DataDirectory data, ServedModel model, MeterRegistry metrics, StopSignal stop)
            throws IOException, InterruptedException {
        Site site = joined.site();
        boolean live = plan.cameras().stream().anyMatch(camera -> camera.url().looksLive());
        LiveTable table = new LiveTable(out, Boolean.getBoolean("jepa.terminal"), live, InstantSource.system());
        Set<String> ids = plan.cameras().stream().map(CameraConfig::id).collect(Collectors.toSet());
        Stages stages = new Stages(site, data.state(), joined.member().schemas(), metrics);
        try (PipelineMonitor monitor = new PipelineMonitor(site, ids, table::add);
                BatchedRunner runner = model.runner(Stages.CLIP_TIMEOUT);
                StreamsStage encode = stages.encode(model.model(), runner, model.labellers(), model.threads());
                StreamsStage assemble = stages.assemble(plan.clips(), 1)) {
            assemble.start();
            encode.start();
            return feed(
                    site,
                    new Running(
                            joined,
                            monitor,
                            table,
                            List.of(assemble, encode),
                            metrics,
                            () -> model.stuck(runner),
                            stop));
        }
    }

    private record Running(
            Joined joined,
            PipelineMonitor monitor,
            LiveTable table,
            List<StreamsStage> stages,
            MeterRegistry metrics,
            Supplier<Optional<String>> stuck,
            StopSignal stop) {
        boolean failed() throws InterruptedException {
            Optional<String> reason = joined.member().broken().or(stuck);
            if (reason.isPresent()) {
                System.err.println("jepa: " + reason.get());
                return true;
            }
            for (StreamsStage stage : stages) {
                if (stage.awaitEnd(Duration.ZERO)) {
                    return true;
                }
            }
            return false;
        }
    }

    private int feed(Site site, Running running) throws InterruptedException {
        List<CameraStatus> last;
        boolean stoppedEarly;
        try (KafkaFrames sink = new KafkaFrames(site.clientSettings())) {
            Cameras cameras = Cameras.start(plan.cameras(), sink, running.metrics());
            try (cameras) {
                stoppedEarly = watch(cameras, running);
            }
            last = cameras.status();
            sink.flush();
        }
        boolean drained = drain(site, running, stoppedEarly);
        running.table().draw(running.monitor().tallies());
        boolean filesFailed = report(last, running.monitor().tallies());
        if (running.failed()) {
            running.stages()
                    .forEach(stage -> stage.failure().ifPresent(error -> out.println("A stage failed: " + error)));
            return 1;
        }
        if (!drained) {
            out.println(
                    "Stopped before everything was encoded; with --data-dir the next start goes on where this one ended.");
        }
        out.flush();
        return filesFailed ? 1 : 0;
    }

    /** Watches until the time is over, the files are done, or something stops the run; says whether it was cut short. */
    private boolean watch(Cameras cameras, Running running) throws InterruptedException {
        Instant end = plan.time() == null ? Instant.MAX : Instant.now().plus(plan.time());
        while (!running.stop().await(LOOK)) {
            running.table().draw(running.monitor().tallies());
            if (cameras.ended().isDone()) {
                return false;
            }
            if (running.failed() || !Instant.now().isBefore(end)) {
                return true;
            }
        }
        return true;
    }

    /** Waits until what is in the topics is encoded; a while if the run was cut short, else as long as it takes. */
    private boolean drain(Site site, Running running, boolean hurry) throws InterruptedException {
        Instant end = hurry ? Instant.now().plus(LONGEST_DRAIN) : Instant.MAX;
        GroupLag lag =
                new GroupLag(running.joined().admin(), StreamsStage.group(site, ClipTopology.STAGE), Topics.FRAMES);
        while (lag.offsets() > 0) {
            if (running.failed()
                    || !Instant.now().isBefore(end)
                    || (!hurry && running.stop().isAsked())) {
                return false;
            }
            TimeUnit.MILLISECONDS.sleep(LOOK.toMillis());
            running.table().draw(running.monitor().tallies());
        }
        CompletableFuture<Void> drained = running.monitor().whenDrained();
        while (!running.failed()
                && Instant.now().isBefore(end)
                && (hurry || !running.stop().isAsked())) {
            try {
                drained.get(LOOK.toMillis(), TimeUnit.MILLISECONDS);
                return true;
            } catch (TimeoutException e) {
                running.table().draw(running.monitor().tallies());
            } catch (ExecutionException e) {
                throw new IllegalStateException("following the output failed: " + e.getCause(), e);
            }
        }
        return false;
    }

    private boolean report(List<CameraStatus> cameras, Map<String, CameraTally> tallies) {
        out.printf("%n%-32s %8s %8s %8s %12s%n", "camera", "frames", "clips", "gaps", "dead letters");
        for (CameraStatus camera : cameras) {
            CameraTally tally = tallies.getOrDefault(camera.camera(), CameraTally.NONE);
            out.printf(
                    "%-32s %8d %8d %8d %12d%s%n",
                    camera.camera(),
                    camera.frames(),
                    tally.embeddings(),
                    tally.gaps(),
                    tally.deadLetters(),
                    camera.failed() ? "   failed: " + camera.lastError() : "");
        }
        out.flush();
        return cameras.stream().anyMatch(CameraStatus::failed);
    }
}
