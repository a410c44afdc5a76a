package io.jepastream.app;

import io.jepastream.ingest.fuzz.Fuzz;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The file of options. */
final class ConfigFileFuzzTest {
    @TempDir
    private Path scratch;

    @Test
    void text_isOptionsOrRefused() throws Exception {
        Path file = scratch.resolve("jepa.yaml");
        CommandLine command = Jepa.commandLine();
        Fuzz.of("options YAML")
                .seed(
                        "bootstrap-servers: localhost:9092\nrun:\n  camera: {door: 'synth:tour', gate: a.mp4}\n  fps: 32/3\n")
                .seed("camera: [a=b, c=d]\nmetrics: 0x1F\nrun: {top: 3, realtime: true, max-wait: 5ms}\n")
                .words("null", "~", "[]", "{}", "&a ", "*a", "<<: *a", "---\n", "%", "!!", "\t", "|", ">", "? ", "- ")
                .words(
                        "!!javax.script.ScriptEngineManager [!!java.net.URLClassLoader [[]]]",
                        "run:",
                        "top: ",
                        "[[[[[[[[")
                .words(
                        "0o",
                        "0x_",
                        "-0b_",
                        "1_",
                        "+.inf",
                        "2001-01-01",
                        "\u0000",
                        "\ufeff",
                        "\"\\x\"",
                        "a: b: c",
                        "\n  ")
                .mayThrow(IOException.class)
                .mayThrow(UsageException.class)
                .mayAllocate(4 << 20, 1024)
                .slow(2)
                .run(input -> {
                    Files.write(file, input);
                    ConfigFile.read(file).complete(command, List.of("run", "--fps", "3"));
                });
    }
}
