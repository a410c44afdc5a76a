package io.jepastream.app;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which model, on what, and how its tokens become vectors. */
final class ServeOptions {
    private static final String DEFAULT_MODEL = "models/camera-motion-tiny";

    @Option(
            names = "--model",
            paramLabel = "DIR",
            description = "Model bundle (default: the small one that comes with jepastream, " + DEFAULT_MODEL + ").")
    @Nullable
    Path model;

    @Option(
            names = "--head",
            paramLabel = "NAME",
            split = ",",
            description = "Heads of the bundle to run (default: all of them; 'none' for none).")
    @Nullable
    List<String> heads;

    @Option(
            names = "--pooling",
            defaultValue = "mean",
            paramLabel = "HOW",
            description = "Vectors of a clip: mean, time (one per tubelet step), attentive:HEAD or tokens"
                    + " (default ${DEFAULT-VALUE}).")
    String pooling = "mean";

    @Mixin
    DeviceOptions on = new DeviceOptions();

    @Option(
            names = "--max-batch",
            defaultValue = "0",
            paramLabel = "N",
            description = "Most clips of one call of the model (default: 1 on a CPU, 8 on a GPU).")
    int maxBatch;

    @Option(
            names = "--max-wait",
            converter = Durations.class,
            defaultValue = "5ms",
            paramLabel = "TIME",
            description = "How long a clip waits for others of its batch (default ${DEFAULT-VALUE}).")
    Duration maxWait = Duration.ofMillis(5);

    @Option(
            names = "--model-timeout",
            converter = Durations.class,
            defaultValue = "3m",
            paramLabel = "TIME",
            description =
                    "Longest silence of the model while clips wait; then the process ends (default ${DEFAULT-VALUE}).")
    Duration modelTimeout = Duration.ofMinutes(3);

    @Option(
            names = "--top",
            defaultValue = "5",
            paramLabel = "N",
            description = "Most labels of a record (default ${DEFAULT-VALUE}).")
    int top = 5;

    @Option(
            names = "--replace-model",
            defaultValue = "",
            paramLabel = "DIGEST",
            description = {
                "The site's model that this one takes the place of, by the digest that a refused worker is told;",
                "its other workers end (default: none; all workers of a site must have the same model)."
            })
    String replacedModel = "";

    /** The bundle's directory. */
    Path directory() {
        if (model != null) {
            if (!Files.isDirectory(model)) {
                throw new UsageException(
                        "--model: want a folder with config.json and model.safetensors, got none at " + model);
            }
            return model;
        }
        Path bundled = Path.of(System.getProperty("jepa.home", "."), DEFAULT_MODEL);
        if (!Files.isDirectory(bundled)) {
            throw new UsageException("want --model DIR: the default model is not at " + bundled);
        }
        return bundled;
    }
}
