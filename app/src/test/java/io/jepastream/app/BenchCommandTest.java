package io.jepastream.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The benchmarks run, and what they print is what they write; how fast this machine is is nobody's test. */
final class BenchCommandTest {
    @TempDir
    private Path folder;

    @Test
    void encoder_isMeasuredBesideMatrixProducts() throws IOException {
        JsonNode figures = figures(
                "encoder",
                "--size",
                "T",
                "--side",
                "32",
                "--frames",
                "2",
                "--precision",
                "bf16",
                "--attention",
                "auto,fused",
                "--threads",
                "1");

        assertThat(figures).hasSize(2);
        assertThat(figures.findValuesAsText("what"))
                .contains("ViT-T 2x32 bf16, batch 1", "ViT-T 2x32 bf16, batch 1, attention_fused");
        figures.forEach(BenchCommandTest::assertSound);
        assertThat(figures.at("/0/also/work").asText()).isEqualTo("0.0450 GFLOP a clip");
    }

    @Test
    void training_isMeasuredAsWholeSteps() throws IOException {
        JsonNode figures = figures("train", "--batch", "1", "--precision", "fp32", "--masks", "2", "--threads", "1");

        assertThat(figures).hasSize(1);
        assertSound(figures.get(0));
    }

    @Test
    void whatThereIsNot_isNamed() {
        assertThat(Cli.run("bench", "encoder", "--size", "X").err())
                .contains("size: want T, S, B, L, H, g or G, got 'X'");
        assertThat(Cli.run("bench", "encoder", "--attention", "x").err()).contains("--attention: want some of auto");
        assertThat(Cli.run("bench", "train", "--size", "X").err()).contains("--size: want some of tiny, S, B, L");
        assertThat(Cli.run("bench", "train", "--repeat", "0").err()).contains("--repeat: want 1 or more, got 0");
    }

    private JsonNode figures(String... arguments) throws IOException {
        Path file = folder.resolve("figures.json");
        String[] all = Cli.join(arguments, "--repeat", "1", "--json", file.toString());
        Cli.Result result = Cli.run(Cli.join(new String[] {"bench"}, all));
        assertThat(result.code()).as(result.err()).isZero();
        JsonNode root = new ObjectMapper().readTree(file.toFile());
        assertThat(root.at("/command").asText()).startsWith("jepa bench " + arguments[0]);
        assertThat(root.at("/machine/pytorch").asText()).isNotEmpty();
        root.at("/figures")
                .findValuesAsText("what")
                .forEach(what -> assertThat(result.out()).contains(what));
        return root.at("/figures");
    }

    private static void assertSound(JsonNode figure) {
        assertThat(figure.at("/unit").asText()).isEqualTo("clips/s");
        assertThat(figure.at("/value/median").asDouble()).isPositive();
        assertThat(figure.at("/ratio/median").asDouble()).isStrictlyBetween(0.0, 1.5);
    }
}
