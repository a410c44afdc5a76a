package io.jepastream.app;

import io.jepastream.ingest.camera.CameraConfig;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code jepa run}: the whole pipeline in one process over given cameras or files. */
@Command(
        name = "run",
        description =
                "Ingest, assemble and encode in one process. Over files it ends by itself, when every clip is committed.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Example:  jepa run --video footage/ lobby.mp4",
            "          jepa run --camera door=rtsp://10.0.0.7/1"
        })
final class RunCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private CameraOptions cameras = new CameraOptions();

    @Mixin
    private ClipOptions clips = new ClipOptions();

    @Mixin
    private ServeOptions model = new ServeOptions();

    @Mixin
    private SiteOptions site = new SiteOptions();

    @Mixin
    private BrokerOptions broker = new BrokerOptions();

    @Mixin
    private Metrics.Options metrics = new Metrics.Options();

    @Option(names = "--for", converter = Durations.class, paramLabel = "TIME", description = "End after this time.")
    private @Nullable Duration time;

    @Override
    public Integer call() throws IOException, InterruptedException {
        List<CameraConfig> configs = cameras.configs();
        if (configs.isEmpty()) {
            throw new UsageException("want --camera ID=URL or --video FILE, got neither");
        }
        LocalRun.Plan plan = new LocalRun.Plan(site, broker, configs, clips.config(), model, metrics, time);
        return new LocalRun(plan, spec.commandLine().getOut()).run();
    }
}
