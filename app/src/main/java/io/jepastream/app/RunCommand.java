package io.jepastream.app;

import io.jepastream.ingest.camera.CameraConfig;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
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
    private PipelineOptions pipeline = new PipelineOptions();

    @Mixin
    private SiteOptions site = new SiteOptions();

    @Override
    public Integer call() throws IOException, InterruptedException {
        List<CameraConfig> configs = pipeline.cameras.configs();
        if (configs.isEmpty()) {
            throw new UsageException("want --camera ID=URL or --video FILE, got neither");
        }
        return new LocalRun(pipeline.plan(site, configs), spec.commandLine().getOut()).run();
    }
}
