package io.jepastream.app;

import io.jepastream.app.bench.BenchReport;
import io.jepastream.app.bench.StreamBench;
import io.jepastream.app.bench.StreamSettings;
import io.jepastream.ingest.camera.FrameRate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code jepa bench stream}: what Kafka and the two stages cost. */
@Command(
        name = "stream",
        description = {
            "Measure the two stages on a broker in this process, without a model: how fast frames become clips and clips",
            "become embeddings, beside what the same broker does for plain clients, and how late embeddings are."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {"", "Example:  jepa bench stream --only raw,assemble --repeat 3 --json stream.json"})
final class BenchStreamCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--only",
            split = ",",
            paramLabel = "PART",
            description = "Some of raw, assemble, encode, latency (default: all).")
    private List<String> only = new ArrayList<>();

    @Option(
            names = "--cameras",
            defaultValue = "4",
            paramLabel = "N",
            description = "Cameras (default ${DEFAULT-VALUE}).")
    private int cameras = 4;

    @Option(
            names = "--side",
            defaultValue = "256",
            paramLabel = "PIXELS",
            description = "Short side of their pictures, even (default ${DEFAULT-VALUE}).")
    private int side = 256;

    @Option(
            names = "--fps",
            converter = CameraOptions.Rates.class,
            defaultValue = "32/3",
            paramLabel = "RATE",
            description = "Frames of each camera in a second (default ${DEFAULT-VALUE}).")
    private FrameRate rate = FrameRate.DEFAULT;

    @Option(
            names = "--seconds",
            defaultValue = "300",
            paramLabel = "S",
            description = "Stored footage of each camera for raw, assemble and encode (default ${DEFAULT-VALUE}).")
    private int seconds = 300;

    @Option(
            names = "--live",
            converter = Durations.class,
            defaultValue = "60s",
            paramLabel = "TIME",
            description = "How long the cameras send in real time for latency (default ${DEFAULT-VALUE}).")
    private Duration live = Duration.ofMinutes(1);

    @Option(
            names = "--partitions",
            defaultValue = "4",
            paramLabel = "N",
            description =
                    "Partitions of each topic; for encode at least one for each thread (default ${DEFAULT-VALUE}).")
    private int partitions = 4;

    @Option(
            names = "--threads",
            defaultValue = "1",
            paramLabel = "N",
            description = "Stream threads of assemble; encode has 2 x batch (default ${DEFAULT-VALUE}).")
    private int threads = 1;

    @Option(
            names = "--batch",
            defaultValue = "4",
            paramLabel = "N",
            description = "Most clips of one call of the model (default ${DEFAULT-VALUE}).")
    private int batch = 4;

    @Option(
            names = "--model-ms",
            defaultValue = "40",
            paramLabel = "MS",
            description = "Time of one call of the model that takes a fixed time (default ${DEFAULT-VALUE}).")
    private int modelMillis = 40;

    @Mixin
    private ClipOptions clips = new ClipOptions();

    @Mixin
    private BenchOptions options = new BenchOptions();

    @Override
    public Integer call() throws Exception {
        if (modelMillis < 1 || modelMillis > 10_000) {
            throw new UsageException("--model-ms: want 1 to 10000, got " + modelMillis);
        }
        StreamSettings settings = new StreamSettings(
                cameras,
                side,
                rate,
                seconds,
                live,
                clips.config(),
                partitions,
                threads,
                batch,
                Duration.ofMillis(modelMillis));
        Set<String> parts = StreamBench.parts(only);
        BenchReport report = options.begin(spec, Map.of("broker", "in this process, one node"));
        new StreamBench(settings, options.repeat, report).run(parts);
        options.end(report);
        return 0;
    }
}
