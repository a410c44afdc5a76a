package io.jepastream.app;

import io.jepastream.encoder.ModelBundle;
import io.jepastream.encoder.ModelOptions;
import io.jepastream.encoder.Pooling;
import io.jepastream.encoder.tensor.Precision;
import io.jepastream.trainer.data.VideoSet;
import io.jepastream.trainer.eval.Protocol;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
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

    @Option(
            names = "--frames",
            defaultValue = "16",
            paramLabel = "N",
            description = "Frames of a clip (default ${DEFAULT-VALUE}).")
    private int frames = 16;

    @Option(
            names = "--frame-step",
            defaultValue = "4",
            paramLabel = "N",
            description = "The video's frames from one to the next (default ${DEFAULT-VALUE}).")
    private int step = 4;

    @Option(
            names = "--attend-across-segments",
            negatable = true,
            defaultValue = "true",
            fallbackValue = "true",
            description = "Heads see all segments of a view at once (the default).")
    private boolean across = true;

    @Option(
            names = "--seed",
            defaultValue = "0",
            paramLabel = "N",
            description = "Seed of all that is drawn (default ${DEFAULT-VALUE}).")
    long seed;

    @Option(
            names = "--device",
            defaultValue = "auto",
            paramLabel = "DEVICE",
            description = "cpu, gpu:0 ... or auto (default ${DEFAULT-VALUE}).")
    String device = "auto";

    @Option(
            names = "--precision",
            defaultValue = "auto",
            paramLabel = "P",
            description = "Of the encoder: fp32, bf16 or auto (default ${DEFAULT-VALUE}).")
    private String precision = "auto";

    ModelBundle bundle() throws IOException {
        if (!Files.isDirectory(model)) {
            throw new UsageException(
                    "--model: want a folder with config.json and model.safetensors, got none at " + model);
        }
        return ModelBundle.read(model);
    }

    ModelOptions options() {
        Optional<Precision> asked =
                precision.equals("auto") ? Optional.empty() : Optional.of(Precision.named(precision));
        return new ModelOptions(device, asked, GPU_BATCH, Pooling.MEAN, 0);
    }

    /** How a video is scored. */
    Protocol protocol() {
        return new Protocol(views, segments, frames, step, across, seed);
    }

    /** How a video is trained on: by its centre crop alone. */
    Protocol trainingProtocol() {
        return new Protocol(1, segments, frames, step, across, seed);
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
