package io.jepastream.app;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where the broker inside this process keeps its data. */
final class BrokerOptions {
    @Option(
            names = "--data-dir",
            paramLabel = "DIR",
            description =
                    "Topics and local state; kept for the next start (default: a temporary folder, wiped at the end).")
    @Nullable
    Path directory;

    @Option(names = "--wipe", description = "Empty --data-dir first.")
    boolean wipe;
}
