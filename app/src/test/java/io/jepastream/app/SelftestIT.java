package io.jepastream.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A short campaign on real processes. */
class SelftestIT {
    /** Every kind but those that wait for long: calls of a minute, and silences of brokers and networks. */
    private static final List<String> QUICK = List.of(
            "kill-worker",
            "stop-worker",
            "scale",
            "freeze-worker",
            "kill-broker",
            "kill-controller",
            "cut-network",
            "delay-network",
            "jump-clock",
            "restart-camera",
            "disorder",
            "poison",
            "fail-once",
            "fail-always",
            "exhaust-memory",
            "corrupt-state",
            "full-disk");

    @TempDir
    Path directory;

    @Test
    void faults_makeNoDifference() throws Exception {
        Path out = directory.resolve("out");

        Cli.Result result = Cli.run(
                "selftest",
                "--seed",
                "5",
                "--cameras",
                "3",
                "--pause",
                "4",
                "--faults",
                Integer.toString(QUICK.size()),
                "--faults-of",
                String.join(",", QUICK),
                "--model",
                TinyBundle.write(directory.resolve("model")).toString(),
                "--out",
                out.toString());

        assertThat(result.out()).as(result.err()).contains("# Self-test: no difference");
        assertThat(result.code()).as(result.out()).isZero();
        assertThat(Files.readString(out.resolve("summary.md")))
                .contains("## Faults that never happened\n\nNone.")
                .contains(QUICK.stream().map("`%s`"::formatted).toList());
    }
}
