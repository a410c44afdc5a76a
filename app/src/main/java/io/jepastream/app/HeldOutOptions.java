package io.jepastream.app;

import io.jepastream.trainer.probe.Stratified;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import picocli.CommandLine.Option;

/** Which videos choose among heads, and train none. */
final class HeldOutOptions {
    @Option(names = "--val", arity = "1..*", paramLabel = "PATH", description = "Held-out folders, as --data.")
    List<Path> val = List.of();

    @Option(
            names = "--val-share",
            defaultValue = "0.2",
            paramLabel = "SHARE",
            description = "Else hold out this share of each class (default ${DEFAULT-VALUE}).")
    private double share = 0.2;

    /** Holds out a share of each class. */
    <T> Stratified.Parts<T> split(List<T> all, Function<T, ?> label, long seed) {
        Stratified.Parts<T> parts = Stratified.holdOut(all, label, share, seed);
        if (parts.taken().isEmpty()) {
            throw new UsageException("--val-share: want two videos of some class, or --val, got one of each");
        }
        return parts;
    }
}
