package io.jepastream.app;

import io.jepastream.encoder.Family;
import io.jepastream.encoder.ModelBundle;
import io.jepastream.encoder.checkpoint.CheckpointExport;
import io.jepastream.encoder.huggingface.HfExport;
import io.jepastream.probeheads.HeadExport;
import io.jepastream.probeheads.Heads;
import io.jepastream.probeheads.ProbeHead;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code jepa model export}: a bundle becomes an official checkpoint again. */
@Command(
        name = "export",
        description = {
            "Write a bundle in the layout that the reference code loads strictly, or as a Hugging Face directory.",
            "Without --head: the model. With it, vjepa1 and vjepa2: the probe checkpoint alone; hf: a classification model."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Example:  jepa model export models/vitl --format vjepa2 --out vitl.pt",
            "Example:  jepa model export models/vitl --format vjepa2 --head ssv2 --out ssv2-vitl-16x2x3.pt",
            "Example:  jepa model export models/vitl --format hf --head ssv2 --out vjepa2-vitl-ssv2/"
        })
final class ModelExportCommand implements Callable<Integer> {
    private static final String HUGGING_FACE = "hf";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "DIR", description = "The bundle.")
    private Path directory = Path.of("");

    @Option(
            names = "--format",
            required = true,
            paramLabel = "FORMAT",
            description = "vjepa1, vjepa2 or vjepa2.1, whichever the bundle is; or hf, for V-JEPA 2.")
    private String format = "";

    @Option(
            names = "--out",
            required = true,
            paramLabel = "FILE",
            description = "Where it goes; a directory for hf. What is there is replaced.")
    private Path out = Path.of("");

    @Option(
            names = "--head",
            paramLabel = "NAME",
            description = "The head to export; several make a longer list in a vjepa2 probe checkpoint.")
    private List<String> names = List.of();

    @Override
    public Integer call() throws IOException {
        ModelBundle bundle = ModelBundle.read(directory);
        List<ProbeHead> heads = Heads.open(bundle, names);
        if (format.equals(HUGGING_FACE)) {
            huggingFace(bundle, heads);
        } else {
            requireFamily(bundle.encoder().family());
            if (heads.isEmpty()) {
                CheckpointExport.write(bundle, out);
            } else {
                HeadExport.write(heads, bundle.encoder().family(), out);
            }
        }
        spec.commandLine().getOut().printf("%s: %s%n", out, heads.isEmpty() ? bundle.name() : names);
        return 0;
    }

    /** The torch layouts differ in nothing but the tensors; so a generation's id is its format's name. */
    private void requireFamily(Family family) {
        if (!plain(format).equals(plain(family.id()))) {
            throw new UsageException("--format: want %s%s, which this bundle is, got '%s'"
                    .formatted(family.id(), family == Family.VJEPA2 ? " or hf" : "", format));
        }
    }

    private static String plain(String name) {
        return name.replaceAll("[^a-z0-9]", "");
    }

    private void huggingFace(ModelBundle bundle, List<ProbeHead> heads) throws IOException {
        if (heads.size() > 1) {
            throw new UsageException("--head: want one head for a classification model, got " + names);
        }
        HfExport.write(bundle, heads.stream().findFirst().map(HeadExport::huggingFace), out);
        PrintWriter say = spec.commandLine().getOut();
        int encoderHeads = bundle.encoder().numHeads();
        Optional<ProbeHead> other = heads.stream()
                .filter(head -> head.config().numHeads() != encoderHeads)
                .findFirst();
        other.ifPresent(head -> say.printf(
                "head %s has %d attention heads; the port will compute it with the encoder's %d, which gives other scores%n",
                head.name(), head.config().numHeads(), encoderHeads));
    }
}
