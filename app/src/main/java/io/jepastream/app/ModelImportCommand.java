package io.jepastream.app;

import io.jepastream.encoder.EncoderConfig;
import io.jepastream.encoder.ModelBundle;
import io.jepastream.encoder.PredictorConfig;
import io.jepastream.encoder.checkpoint.CheckpointImport;
import io.jepastream.encoder.checkpoint.Weights;
import io.jepastream.encoder.huggingface.HfDirectory;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code jepa model import}: an official checkpoint becomes a bundle. */
@Command(
        name = "import",
        description = {
            "Make a bundle of an official checkpoint: a V-JEPA 1, 2 or 2.1 training file (.pth.tar, .pt) or a Hugging Face"
                    + " directory. Nothing in it is run; what is missing, unexpected, of another shape or not finite is"
                    + " refused by name."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Example:  jepa model import vitl.pt --out models/vitl --heads ssv2-vitl-16x2x3.pt --labels ssv2.txt",
            "Example:  jepa model import vjepa2-vitl-fpc16-256-ssv2/ --out models/ssv2"
        })
final class ModelImportCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "SOURCE", description = "The checkpoint.")
    private Path source = Path.of("");

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "Where the bundle goes.")
    private Path out = Path.of("");

    @Option(
            names = "--weights",
            paramLabel = "W",
            description = "target (the moving average; default for files) or online (all that Hugging Face has).")
    private @Nullable Weights weights;

    @Option(
            names = "--arch",
            paramLabel = "SIZE",
            description = "Official size, such as vit_large or vit_giant (default: told from the shapes).")
    private @Nullable String arch;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "The architecture, as in a bundle's config.json (default: told from the shapes).")
    private @Nullable Path config;

    @Option(
            names = "--allow",
            paramLabel = "KEY",
            description = "Waive an unexpected tensor, which is dropped, or a non-finite one, which is kept.")
    private Set<String> allow = Set.of();

    @Option(
            names = "--heads",
            arity = "1..*",
            paramLabel = "PROBE",
            description = "Probe checkpoints that become heads, named after their files; SOURCE stands before them.")
    private List<Path> probes = List.of();

    @Mixin
    private HeadOptions heads = new HeadOptions();

    @Override
    public Integer call() throws IOException {
        if (arch != null && config != null) {
            throw new UsageException("want --arch or --config, got both");
        }
        requireRoom();
        PrintWriter say = spec.commandLine().getOut();
        boolean huggingFace = Files.isDirectory(source);
        List<HeadOptions.Named> found = new ArrayList<>();
        ModelBundle.Draft draft;
        if (huggingFace) {
            HfDirectory directory = huggingFace();
            draft = directory.draft(allow);
            if (directory.hasHead()) {
                found.add(heads.huggingFace(directory, allow));
            }
            directory.unusualPreprocessing().forEach(say::println);
        } else {
            draft = fromFile();
        }
        for (Path probe : probes) {
            found.add(heads.probe(probe, draft.encoder(), allow));
        }
        HeadOptions.requireDistinct(found);
        ModelBundle bundle = ModelBundle.write(out, draft);
        say.printf("%s: %s%n", out, Sizes.of(bundle.encoder()));
        say.printf("weights %s, digest %s%n", draft.provenance().get("weights"), bundle.digest());
        for (HeadOptions.Named head : found) {
            head.write(bundle, say);
        }
        return 0;
    }

    private void requireRoom() throws IOException {
        if (HfDirectory.is(out)) {
            throw new UsageException("--out: want a directory for a bundle, got a Hugging Face one: " + out);
        }
        List<String> names =
                Files.exists(out.resolve("config.json")) ? ModelBundle.read(out).headNames() : List.of();
        if (!names.isEmpty()) {
            throw new UsageException(
                    "--out: want a directory without heads of another model, got %s with %s".formatted(out, names));
        }
    }

    private ModelBundle.Draft fromFile() throws IOException {
        Weights which = weights == null ? Weights.TARGET : weights;
        Optional<EncoderConfig> encoder = Optional.empty();
        Optional<PredictorConfig> predictor = Optional.empty();
        if (config != null) {
            ModelBundle.Architecture given = ModelBundle.architecture(config);
            encoder = Optional.of(given.encoder());
            predictor = given.predictor();
        } else if (arch != null) {
            encoder = Optional.of(CheckpointImport.ofSize(source, arch, which));
        }
        return CheckpointImport.importFile(source, encoder, predictor, which, allow);
    }

    private HfDirectory huggingFace() throws IOException {
        if (weights == Weights.TARGET) {
            throw new UsageException(
                    "--weights: want online, got target: Hugging Face files hold the online encoder only");
        }
        if (config != null) {
            throw new UsageException("--config: a Hugging Face directory brings its own, got " + config);
        }
        if (!HfDirectory.is(source)) {
            throw new UsageException(
                    "%s: want a Hugging Face directory or a checkpoint, got another one; for heads of a bundle: jepa model add-head"
                            .formatted(source));
        }
        HfDirectory directory = HfDirectory.open(source);
        EncoderConfig got = directory.encoder();
        if (arch != null) {
            EncoderConfig size = EncoderConfig.builder(got.family(), arch).build();
            if (size.embedDim() != got.embedDim() || size.depth() != got.depth() || size.numHeads() != got.numHeads()) {
                throw new UsageException("--arch: want %s, got %s in %s".formatted(arch, Sizes.of(got), source));
            }
        }
        return directory;
    }
}
