package io.jepastream.app;

import io.jepastream.ingest.camera.CameraConfig;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
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
    private PipelineOptions pipeline = new PipelineOptions();

    @Override
    public Integer call() throws IOException, InterruptedException {
        CameraOptions cameras = pipeline.cameras;
        List<CameraConfig> configs = cameras.isEmpty()
                ? GENERATED.entrySet().stream()
                        .map(camera -> cameras.config(camera.getKey(), camera.getValue()))
                        .toList()
                : cameras.configs();
        return new LocalRun(
                        pipeline.plan(new SiteOptions(), configs),
                        spec.commandLine().getOut())
                .run();
    }
}
