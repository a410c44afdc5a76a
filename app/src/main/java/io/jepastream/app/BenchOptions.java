package io.jepastream.app;

import io.jepastream.app.bench.BenchReport;
import io.jepastream.app.bench.Machine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** How often a benchmark measures, and where its figures go. */
final class BenchOptions {
    @Option(
            names = "--repeat",
            defaultValue = "5",
            paramLabel = "N",
            description = "Repetitions of each measurement (default ${DEFAULT-VALUE}).")
    int repeat = 5;

    @Option(
            names = "--json",
            paramLabel = "FILE",
            description = "File for the figures with every repetition (default: none).")
    @Nullable
    private Path json;

    /** A report that begins on the command's output. */
    BenchReport begin(CommandSpec spec, Map<String, String> about) throws IOException {
        if (repeat < 1) {
            throw new UsageException("--repeat: want 1 or more, got " + repeat);
        }
        Map<String, String> machine = new LinkedHashMap<>(Machine.describe());
        machine.putAll(about);
        String command = "jepa "
                + String.join(" ", spec.root().commandLine().getParseResult().originalArgs());
        return new BenchReport(spec.commandLine().getOut(), command, machine);
    }

    /** Writes the file, if one is wanted. */
    void end(BenchReport report) throws IOException {
        if (json != null) {
            report.write(json);
        }
    }
}
