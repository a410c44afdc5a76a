package io.jepastream.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A short campaign on real processes. */
class SelftestIT {
    private static final String SEED = "5";

    @TempDir
    Path directory;

    @Test
    void faults_makeNoDifference() throws Exception {
        Cli.Result result = run("out", "--faults", "4", "--faults-of", "kill-worker,kill-broker,poison,fail-always");

        assertThat(result.out()).as(result.err()).contains("# Self-test: no difference");
        assertThat(result.code()).as(result.out()).isZero();
        assertThat(Files.readString(directory.resolve("out/summary.md")))
                .contains("`kill-worker`", "`kill-broker`", "`poison`", "`fail-always`");
    }

    private Cli.Result run(String out, String... more) throws Exception {
        Path model = TinyBundle.write(directory.resolve("model"));
        return Cli.run(java.util.stream.Stream.concat(
                        java.util.stream.Stream.of(
                                "selftest",
                                "--seed",
                                SEED,
                                "--cameras",
                                "3",
                                "--model",
                                model.toString(),
                                "--out",
                                directory.resolve(out).toString()),
                        java.util.Arrays.stream(more))
                .toArray(String[]::new));
    }
}
