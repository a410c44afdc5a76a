package io.jepastream.app;

import io.jepastream.encoder.EncoderConfig;
import io.jepastream.encoder.ModelBundle;
import io.jepastream.probeheads.Heads;
import io.jepastream.probeheads.ProbeHead;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code jepa model}: what a bundle holds. */
@Command(
        name = "model",
        description = "Show what a model bundle holds.",
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
}
