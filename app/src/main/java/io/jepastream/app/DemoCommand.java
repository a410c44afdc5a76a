package io.jepastream.app;

import io.jepastream.ingest.camera.CameraConfig;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code jepa demo}: generated cameras, an embedded broker, and labels in the terminal. */
@Command(
        name = "demo",
        description = "Show labels of three generated cameras, or of yours, in the terminal. Needs nothing else.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example:  jepa demo --for 60s", "          jepa demo --camera door=rtsp://10.0.0.7/1"})
final class DemoCommand implements Callable<Integer> {
    /** The names of the first two say what is true of them; the third changes its motion every six seconds. */
    private static final Map<String, String> GENERATED = new TreeMap<>(Map.of(
            "gen-pan-left", "synth:motion=pan-left,seed=1",
            "gen-zoom-in", "synth:motion=zoom-in,seed=2",
            "gen-tour", "synth:tour,seed=3"));

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private CameraOptions cameras = new CameraOptions();

    @Mixin
    private ClipOptions clips = new ClipOptions();

    @Mixin
    private ServeOptions model = new ServeOptions();

    @Mixin
    private BrokerOptions broker = new BrokerOptions();

    @Mixin
    private Metrics.Options metrics = new Metrics.Options();

    @Option(names = "--for", converter = Durations.class, paramLabel = "TIME", description = "End after this time.")
    private @Nullable Duration time;

    @Override
    public Integer call() throws IOException, InterruptedException {
        List<CameraConfig> configs = cameras.isEmpty()
                ? GENERATED.entrySet().stream()
                        .map(camera -> cameras.config(camera.getKey(), camera.getValue()))
                        .toList()
                : cameras.configs();
        LocalRun.Plan plan =
                new LocalRun.Plan(new SiteOptions(), broker, configs, clips.config(), model, metrics, time);
        return new LocalRun(plan, spec.commandLine().getOut()).run();
    }
}
