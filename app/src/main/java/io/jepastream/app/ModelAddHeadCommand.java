package io.jepastream.app;

import io.jepastream.encoder.ModelBundle;
import io.jepastream.encoder.huggingface.HfDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code jepa model add-head}: probes become heads of a bundle that exists. */
@Command(
        name = "add-head",
        description = "Add probes to a bundle: V-JEPA 1 or 2 probe checkpoints, or Hugging Face classification"
                + " directories. A head of the same name is replaced.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example:  jepa model add-head models/vitl16 k400-probe.pth.tar --labels k400.txt"})
final class ModelAddHeadCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(index = "0", paramLabel = "DIR", description = "The bundle.")
    private Path directory = Path.of("");

    @Parameters(index = "1..*", arity = "1..*", paramLabel = "PROBE", description = "The probes.")
    private List<Path> probes = List.of();

    @Option(
            names = "--allow",
            paramLabel = "KEY",
            description = "Waive an unexpected tensor, which is dropped, or a non-finite one, which is kept.")
    private Set<String> allow = Set.of();

    @Mixin
    private HeadOptions options = new HeadOptions();

    @Override
    public Integer call() throws IOException {
        ModelBundle bundle = ModelBundle.read(directory);
        List<HeadOptions.Named> heads = new ArrayList<>();
        for (Path probe : probes) {
            heads.add(
                    Files.isDirectory(probe)
                            ? options.huggingFace(HfDirectory.open(probe), allow)
                            : options.probe(probe, bundle.encoder(), allow));
        }
        HeadOptions.requireDistinct(heads);
        for (HeadOptions.Named head : heads) {
            head.write(bundle, spec.commandLine().getOut());
        }
        return 0;
    }
}
