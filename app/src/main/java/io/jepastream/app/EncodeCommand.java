package io.jepastream.app;

import io.jepastream.app.kafka.Site;
import io.jepastream.app.kafka.StateDirectory;
import io.jepastream.app.kafka.StreamsStage;
import io.jepastream.app.pipeline.Stages;
import io.jepastream.app.selftest.FaultyModel;
import io.jepastream.encoder.stream.BatchedRunner;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code jepa encode}: clips to embeddings and labels, as a process that can be started many times. */
@Command(
        name = "encode",
        description = "Encode the clips topic into embeddings and labels, exactly once, until stopped.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example:  jepa encode --bootstrap-servers localhost:9092 --model models/vitl --device gpu:0"})
final class EncodeCommand implements Callable<Integer> {
    @Mixin
    private SiteOptions site = new SiteOptions();

    @Mixin
    private ServeOptions modelOptions = new ServeOptions();

    @Mixin
    private WorkerOptions worker = new WorkerOptions();

    @Mixin
    private Metrics.Options metrics = new Metrics.Options();

    @Override
    public Integer call() throws IOException, InterruptedException {
        Site cluster = site.site();
        StateDirectory.require(worker.stateDirectory);
        try (StopSignal stop = new StopSignal();
                Metrics served = Metrics.open(metrics);
                Membership member = Membership.join(cluster);
                ServedModel model = ServedModel.open(modelOptions)) {
            member.agreeOn(model.sheet(), modelOptions.replacedModel);
            try (BatchedRunner runner = model.runner(FaultyModel.ifAsked(model.model()), Stages.CLIP_TIMEOUT);
                    StreamsStage stage = new Stages(cluster, worker.stateDirectory, member.schemas(), served.registry())
                            .encode(model.model(), runner, model.labellers(), worker.threadsOr(model.threads()))) {
                return StageRun.untilStopped(stage, stop, () -> member.broken().or(() -> model.stuck(runner)));
            }
        }
    }
}
