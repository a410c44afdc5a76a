package io.jepastream.app;

import io.jepastream.encoder.EncoderConfig;
import io.jepastream.encoder.ModelBundle;
import io.jepastream.encoder.checkpoint.CheckpointImport;
import io.jepastream.encoder.checkpoint.Weights;
import io.jepastream.probeheads.Heads;
import io.jepastream.probeheads.ProbeHead;
import io.jepastream.trainer.TrainMotionModel;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code jepa model}: what a bundle holds. */
@Command(
        name = "model",
        description = "Show what a model bundle holds, import a checkpoint, or train the bundle that comes along.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example:  jepa model info models/camera-motion-tiny"})
final class ModelCommand {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Command(
            name = "info",
            description = "Family, sizes, preprocessing, heads and digests of a bundle.",
            mixinStandardHelpOptions = true,
            footer = {"", "Example:  jepa model info models/camera-motion-tiny"})
    int info(
            @Parameters(
                            arity = "0..1",
                            paramLabel = "DIR",
                            description = "The bundle (default: the one that comes along).")
                    @Nullable
                    Path directory)
            throws IOException {
        ServeOptions options = new ServeOptions();
        options.model = directory;
        ModelBundle bundle = ModelBundle.read(options.directory());
        EncoderConfig encoder = bundle.encoder();
        PrintWriter out = spec.commandLine().getOut();
        out.printf("%-15s %s%n", "name", bundle.name());
        out.printf("%-15s %s%n", "digest", bundle.digest());
        out.printf("%-15s %s%n", "encoder", encoder);
        out.printf(
                "%-15s %s%n",
                "predictor", bundle.predictor().map(Object::toString).orElse("none"));
        out.printf(
                "%-15s crop %d, short side %d%n",
                "preprocessing", bundle.transform().crop(), bundle.transform().shortSide());
        out.printf("%-15s %s%n", "provenance", bundle.provenance());
        List<ProbeHead> heads = Heads.open(bundle, bundle.headNames());
        for (ProbeHead head : heads) {
            out.printf("%-15s %s %s%n", "head", head.name(), head.digest());
            out.printf("%-15s %s%n", "", String.join(", ", head.labels()));
        }
        out.flush();
        return 0;
    }

    @Command(
            name = "import",
            description =
                    "Make a bundle of a V-JEPA 1 (.pth.tar) or V-JEPA 2 (.pt) pre-training checkpoint. Nothing in it is run.",
            mixinStandardHelpOptions = true,
            footer = {"", "Example:  jepa model import vitl16.pth.tar --out models/vitl16"})
    int importCheckpoint(
            @Parameters(paramLabel = "SOURCE", description = "The checkpoint.") Path source,
            @Option(names = "--out", required = true, paramLabel = "DIR", description = "Where the bundle goes.")
                    Path out,
            @Option(
                            names = "--weights",
                            defaultValue = "TARGET",
                            paramLabel = "W",
                            description = "target (the moving average, default) or online.")
                    Weights weights,
            @Option(
                            names = "--config",
                            paramLabel = "FILE",
                            description =
                                    "The architecture, as in a bundle's config.json (default: told from the shapes).")
                    @Nullable
                    Path config,
            @Option(names = "--allow", paramLabel = "KEY", description = "Waive an unexpected or non-finite tensor.")
                    @Nullable
                    Set<String> allow)
            throws IOException {
        Optional<ModelBundle.Architecture> given =
                config == null ? Optional.empty() : Optional.of(ModelBundle.architecture(config));
        ModelBundle.Draft draft = CheckpointImport.importFile(
                source,
                given.map(ModelBundle.Architecture::encoder),
                given.flatMap(ModelBundle.Architecture::predictor),
                weights,
                allow == null ? Set.of() : allow);
        ModelBundle bundle = ModelBundle.write(out, draft);
        spec.commandLine().getOut().printf("%s: %s, digest %s%n", out, bundle.encoder(), bundle.digest());
        return 0;
    }

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
