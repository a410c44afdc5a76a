package io.jepastream.app;

import io.jepastream.app.bench.BenchReport;
import io.jepastream.app.bench.IngestBench;
import io.jepastream.app.bench.IngestJob;
import io.jepastream.app.bench.Scratch;
import io.jepastream.app.bench.SyntheticVideo;
import io.jepastream.ingest.camera.FrameRate;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code jepa bench ingest}: what a camera costs. */
@Command(
        name = "ingest",
        description = {
            "Measure ingest without Kafka: decode, sample, scale, JPEG and Avro record, as fast as it goes, beside the",
            "ffmpeg program doing the same in one thread, and beside decoding alone. By processor time: frames for each",
            "second of a core, with garbage collection and opening the file, without Java's compilers; of ffmpeg with its start."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "Example:  jepa bench ingest",
            "Example:  jepa bench ingest --file street.mp4 --passes 1 --repeat 3 --json ingest.json"
        })
final class BenchIngestCommand implements Callable<Integer> {
    private static final int LONGEST = 600;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--file",
            paramLabel = "VIDEO",
            description = "What to read (default: a video that is made for it).")
    private @Nullable Path file;

    @Option(
            names = "--size",
            defaultValue = "1280x720",
            paramLabel = "WxH",
            description = "Size of the video that is made, pixels (default ${DEFAULT-VALUE}).")
    private String size = "1280x720";

    @Option(
            names = "--seconds",
            defaultValue = "30",
            paramLabel = "S",
            description = "Length of the video that is made (default ${DEFAULT-VALUE}).")
    private int seconds = 30;

    @Option(
            names = "--passes",
            defaultValue = "2",
            paramLabel = "N",
            description = "How many times a measurement reads the video (default ${DEFAULT-VALUE}).")
    private int passes = 2;

    @Option(
            names = "--fps",
            converter = CameraOptions.Rates.class,
            defaultValue = "32/3",
            paramLabel = "RATE",
            description = "Frames taken per second, a number or a fraction (default ${DEFAULT-VALUE}).")
    private FrameRate rate = FrameRate.DEFAULT;

    @Option(
            names = "--short-side",
            defaultValue = "256",
            paramLabel = "PIXELS",
            description = "Short side of the pictures; 0 keeps them (default ${DEFAULT-VALUE}).")
    private int shortSide = 256;

    @Option(
            names = "--quality",
            defaultValue = "95",
            paramLabel = "Q",
            description = "JPEG quality, 1 to 100 (default ${DEFAULT-VALUE}).")
    private int quality = 95;

    @Option(names = "--no-ffmpeg", description = "Do not compare with the ffmpeg program.")
    private boolean alone;

    @Mixin
    private BenchOptions options = new BenchOptions();

    @Override
    public Integer call() throws Exception {
        if (seconds < 1 || seconds > LONGEST) {
            throw new UsageException("--seconds: want 1 to %d, got %d".formatted(LONGEST, seconds));
        }
        if (file != null && !Files.isRegularFile(file)) {
            throw new UsageException("--file: want a video, got nothing at " + file);
        }
        try (Scratch scratch = Scratch.open()) {
            IngestJob job = new IngestJob(
                    file == null ? scratch.path().resolve("made.mp4") : file, rate, shortSide, quality, passes);
            IngestBench bench = IngestBench.of(job, !alone);
            BenchReport report = options.begin(spec, bench.about());
            if (file == null) {
                SyntheticVideo.write(job.file(), size, seconds);
                report.say(
                        "Video: made, %s, %d s of H.264, %d kB".formatted(size, seconds, Files.size(job.file()) >> 10));
            }
            bench.run(options.repeat, report);
            options.end(report);
        }
        return 0;
    }
}
