package io.jepastream.app;

import io.jepastream.trainer.TrainMotionModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code jepa model}: bundles and the official layouts. */
@Command(
        name = "model",
        description =
                "Show what a model holds, go from the official checkpoints to bundles and back, or train the bundle"
                        + " that comes along.",
        mixinStandardHelpOptions = true,
        subcommands = {
            ModelInfoCommand.class,
            ModelImportCommand.class,
            ModelAddHeadCommand.class,
            ModelExportCommand.class,
        },
        footer = {"", "Example:  jepa model info models/camera-motion-tiny"})
final class ModelCommand {
    @Command(
            name = "train-default",
            description = "Train the small camera-motion model on generated clips, as its model card says.",
            mixinStandardHelpOptions = true,
            footer = {"", "Example:  JEPA_OPTS=-Xmx8g jepa model train-default --out my-model --steps 900 --seed 1"})
    int trainDefault(
            @Option(names = "--out", required = true, paramLabel = "DIR", description = "Where the bundle goes.")
                    Path out,
            @Option(
                            names = "--steps",
                            defaultValue = "900",
                            paramLabel = "N",
                            description = "Steps of 32 clips (default ${DEFAULT-VALUE}).")
                    int steps,
            @Option(
                            names = "--seed",
                            defaultValue = "1",
                            paramLabel = "N",
                            description = "Seed of weights and clips (default ${DEFAULT-VALUE}).")
                    long seed,
            @Option(names = "--from", paramLabel = "DIR", description = "A bundle of the same shape to go on from.")
                    @Nullable
                    Path from,
            @Option(
                            names = "--sparse",
                            defaultValue = "0.85",
                            paramLabel = "SHARE",
                            description =
                                    "Share of the steps that see half of the places only (default ${DEFAULT-VALUE}).")
                    double sparse)
            throws IOException, InterruptedException {
        if (steps < 1) {
            throw new UsageException("--steps: want 1 or more, got " + steps);
        }
        List<String> args = new ArrayList<>(List.of(out.toString(), Integer.toString(steps), Long.toString(seed)));
        if (from != null) {
            args.add(from.toString());
            args.add(Double.toString(sparse));
        }
        TrainMotionModel.main(args.toArray(String[]::new));
        return 0;
    }
}
