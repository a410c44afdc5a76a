package io.jepastream.app;

import io.jepastream.app.kafka.Site;
import io.jepastream.ingest.camera.CameraConfig;
import io.jepastream.ingest.camera.Cameras;
import io.jepastream.ingest.camera.KafkaFrames;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code jepa ingest}: cameras and files to the frames topic. */
@Command(
        name = "ingest",
        description = "Write frames of cameras and files to the frames topic, until stopped or the files are done.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example:  jepa ingest --bootstrap-servers localhost:9092 --camera door=rtsp://10.0.0.7/1"})
final class IngestCommand implements Callable<Integer> {
    private static final Duration LOOK = Duration.ofMillis(500);

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private SiteOptions site = new SiteOptions();

    @Mixin
    private CameraOptions cameras = new CameraOptions();

    @Override
    public Integer call() throws IOException, InterruptedException {
        List<CameraConfig> configs = cameras.configs();
        if (configs.isEmpty()) {
            throw new UsageException("want --camera ID=URL or --video FILE, got neither");
        }
        Site cluster = site.site();
        StageRun.requireTopics(cluster);
        try (StopSignal stop = new StopSignal();
                KafkaFrames sink = new KafkaFrames(cluster.clientSettings());
                Cameras running = new Cameras(configs, sink, new SimpleMeterRegistry())) {
            running.start();
            while (!running.allEnded() && !stop.await(LOOK)) {
                // the states of the cameras are logged as they change
            }
            running.close();
            sink.flush();
            return report(running);
        }
    }

    private int report(Cameras cameras) {
        PrintWriter out = spec.commandLine().getOut();
        cameras.status()
                .forEach((id, status) -> out.printf(
                        "%s: %d frames%s%n",
                        id, status.frames(), status.failed() ? ", failed: " + status.lastError() : ""));
        out.flush();
        return cameras.status().values().stream().anyMatch(Cameras.Status::failed) ? 1 : 0;
    }
}
