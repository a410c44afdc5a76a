package io.jepastream.app;

import io.jepastream.app.kafka.Site;
import io.jepastream.app.kafka.StateDirectory;
import io.jepastream.app.kafka.StreamsStage;
import io.jepastream.app.pipeline.Stages;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code jepa assemble}: frames to clips, as a process that can be started many times. */
@Command(
        name = "assemble",
        description = "Assemble clips from the frames topic, exactly once, until stopped.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example:  jepa assemble --bootstrap-servers localhost:9092 --state-dir /var/lib/jepa/a1"})
final class AssembleCommand implements Callable<Integer> {
    @Mixin
    private SiteOptions site = new SiteOptions();

    @Mixin
    private ClipOptions clips = new ClipOptions();

    @Mixin
    private WorkerOptions worker = new WorkerOptions();

    @Option(
            names = "--standbys",
            defaultValue = "1",
            paramLabel = "N",
            description =
                    "Other workers that keep a copy of each camera's state and take over at once (default ${DEFAULT-VALUE};"
                            + " has no effect with one worker).")
    private int standbys = 1;

    @Mixin
    private Metrics.Options metrics = new Metrics.Options();

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (standbys < 0 || standbys > 8) {
            throw new UsageException("--standbys: want 0 to 8, got " + standbys);
        }
        Site cluster = site.site();
        StateDirectory.require(worker.stateDirectory);
        try (StopSignal stop = new StopSignal();
                Metrics served = Metrics.open(metrics);
                Membership member = Membership.join(cluster);
                StreamsStage stage = new Stages(cluster, worker.stateDirectory, member.schemas(), served.registry())
                        .assemble(clips.config(), worker.threadsOr(2), standbys)) {
            return StageRun.untilStopped(stage, stop, member::broken);
        }
    }
}
