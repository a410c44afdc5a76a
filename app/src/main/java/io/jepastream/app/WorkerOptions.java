package io.jepastream.app;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** What every worker process needs beside its stage. */
final class WorkerOptions {
    @Option(
            names = "--state-dir",
            defaultValue = "data/state",
            paramLabel = "DIR",
            description = "Local stores, kept between starts; one worker each (default ${DEFAULT-VALUE}).")
    Path stateDirectory = Path.of("data/state");

    @Option(
            names = "--threads",
            defaultValue = "0",
            paramLabel = "N",
            description = "Stream threads of the stage (default: assemble 2; encode 2 x max-batch).")
    int threads;

    int threadsOr(int number) {
        if (threads < 0 || threads > 1024) {
            throw new UsageException("--threads: want 0 to 1024, got " + threads);
        }
        return threads == 0 ? number : threads;
    }
}
