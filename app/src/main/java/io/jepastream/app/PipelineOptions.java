package io.jepastream.app;

import io.jepastream.ingest.camera.CameraConfig;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What the whole pipeline in one process takes, whoever starts it. */
final class PipelineOptions {
    @Mixin
    CameraOptions cameras = new CameraOptions();

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

    LocalRun.Plan plan(SiteOptions site, List<CameraConfig> configs) {
        return new LocalRun.Plan(site, broker, configs, clips.config(), model, metrics, time);
    }
}
