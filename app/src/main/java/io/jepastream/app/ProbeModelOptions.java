package io.jepastream.app;

import io.jepastream.encoder.ModelBundle;
import io.jepastream.encoder.ModelOptions;
import io.jepastream.encoder.Pooling;
import io.jepastream.trainer.data.VideoSet;
import io.jepastream.trainer.eval.Protocol;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The frozen model of a probe, which videos it sees, and how they become clips. */
final class ProbeModelOptions {
    private static final int GPU_BATCH = 8;

    @Option(names = "--model", required = true, paramLabel = "DIR", description = "The bundle.")
    private Path model = Path.of("");

    @Option(names = "--head", required = true, paramLabel = "NAME", description = "The head.")
    String head = "";

    @Option(
            names = "--data",
            arity = "1..*",
            paramLabel = "PATH",
            description = "Folders with one folder of videos per class.")
    private List<Path> data = List.of();

    @Option(names = "--list", paramLabel = "FILE", description = "Videos as lines 'path label'.")
    private @Nullable Path list;

    @Option(
            names = "--segments",
            defaultValue = "1",
            paramLabel = "N",
            description = "Clips spread over a video; 8 for Kinetics, 2 for SSv2 (default ${DEFAULT-VALUE}).")
    private int segments = 1;

    @Option(
            names = "--views",
            defaultValue = "1",
            paramLabel = "N",
            description = "Crops of a video that is scored; the papers take 3 (default ${DEFAULT-VALUE}).")
    private int views = 1;

    @Mixin
    private SamplingOptions sampling = new SamplingOptions();

    @Option(
            names = "--seed",
            defaultValue = "0",
            paramLabel = "N",
            description = "Seed of all that is drawn (default ${DEFAULT-VALUE}).")
    long seed;

    @Mixin
    private DeviceOptions on = new DeviceOptions();

    ModelBundle bundle() throws IOException {
        return bundle(model);
    }

    /** Opens what {@code --model} names. */
    static ModelBundle bundle(Path model) throws IOException {
        if (!Files.isDirectory(model)) {
            throw new UsageException(
                    "--model: want a folder with config.json and model.safetensors, got none at " + model);
        }
        return ModelBundle.read(model);
    }

    ModelOptions options() {
        return new ModelOptions(on.device, on.precision(), GPU_BATCH, Pooling.MEAN, 0);
    }

    /** How a video is scored. */
    Protocol protocol() {
        return sampling.protocol(views, segments, seed);
    }

    /** How a video is trained on: by its centre crop alone. */
    Protocol trainingProtocol() {
        return sampling.protocol(1, segments, seed);
    }

    /** The labelled videos of {@code --data} and {@code --list}. */
    VideoSet videos() throws IOException {
        return videos(data, list, "--data PATH or --list FILE");
    }

    /** The labelled videos of folders and a list; {@code wanted} names the options. */
    static VideoSet videos(List<Path> folders, @Nullable Path list, String wanted) throws IOException {
        VideoSet all = new VideoSet(List.of());
        for (Path folder : folders) {
            all = all.and(VideoSet.of(folder));
        }
        all = list == null ? all : all.and(VideoSet.list(list));
        if (all.videos().isEmpty()) {
            throw new UsageException("want %s, got no video".formatted(wanted));
        }
        for (VideoSet.Video video : all.videos()) {
            if (video.label().isEmpty()) {
                throw new UsageException("%s: want a label: a folder of its own class, or a list with labels; got none"
                        .formatted(video.file()));
            }
        }
        return all;
    }
}
