package io.jepastream.app;

import io.jepastream.app.kafka.Site;
import io.jepastream.ingest.camera.CameraConfig;
import io.jepastream.ingest.camera.CameraStatus;
import io.jepastream.ingest.camera.Cameras;
import io.jepastream.ingest.camera.KafkaFrames;
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

    @Mixin
    private Metrics.Options metrics = new Metrics.Options();

    @Override
    public Integer call() throws IOException, InterruptedException {
        List<CameraConfig> configs = cameras.configs();
        if (configs.isEmpty()) {
            throw new UsageException("want --camera ID=URL or --video FILE, got neither");
        }
        Site cluster = site.site();
        Membership.join(cluster).close();
        try (StopSignal stop = new StopSignal();
                Metrics served = Metrics.open(metrics);
                KafkaFrames sink = new KafkaFrames(cluster.clientSettings())) {
            Cameras running = Cameras.start(configs, sink, served.registry());
            try (running) {
                boolean asked = false;
                while (!asked && !running.ended().isDone()) {
                    asked = stop.await(LOOK);
                }
            }
            sink.flush();
            return report(running.status());
        }
    }

    private int report(List<CameraStatus> cameras) {
        PrintWriter out = spec.commandLine().getOut();
        for (CameraStatus camera : cameras) {
            String error = camera.failed() ? ", failed: " + camera.lastError() : "";
            out.printf("%s: %d frames%s%n", camera.camera(), camera.frames(), error);
        }
        out.flush();
        return cameras.stream().anyMatch(CameraStatus::failed) ? 1 : 0;
    }
}
