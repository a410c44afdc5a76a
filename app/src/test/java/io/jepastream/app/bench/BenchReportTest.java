package io.jepastream.app.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BenchReportTest {
    private static final Figure FIGURE = Figure.of(
                    "vit_base fp32", "clips/s", List.of(1.0, 2.0, 9.0, 4.0), "GEMM", List.of(2.0, 8.0, 10.0, 5.0))
            .with("memory", "0.8 GB");

    @Test
    void ratios_areTakenWithinARepetition() {
        assertThat(FIGURE.ratios().orElseThrow().values()).containsExactly(0.5, 0.25, 0.9, 0.8);
        assertThat(FIGURE.values().median()).isEqualTo(3);
        assertThat(new Repetitions(List.of(7.0, 1.0, 3.0)).median()).isEqualTo(3);
    }

    @Test
    void aCeilingThatMissesARepetition_isRefused() {
        assertThatThrownBy(() -> Figure.of("x", "s", List.of(1.0, 2.0), "y", List.of(1.0)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("x: want a ceiling for each of 2 repetitions, got 1");
        assertThatThrownBy(() -> new Repetitions(List.of(Double.NaN))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aLine_saysMedianSpreadCeilingAndRatio() {
        assertThat(BenchReport.line(FIGURE))
                .isEqualTo("vit_base fp32: 3.00 (1.00 to 9.00) clips/s; GEMM 6.50 (2.00 to 10.0);"
                        + " ratio 0.650 (0.250 to 0.900); memory 0.8 GB");
        assertThat(BenchReport.line(Figure.of("time", "ms", List.of(12345.0)))).isEqualTo("time: 12345 ms");
        assertThat(BenchReport.number(0.00123)).isEqualTo("0.00123");
        assertThat(BenchReport.number(0)).isEqualTo("0");
    }

    @Test
    void theFile_holdsEveryRepetition(@TempDir Path folder) throws IOException {
        StringWriter out = new StringWriter();
        BenchReport report = new BenchReport(new PrintWriter(out), "jepa bench x", Map.of("cores", "2"));
        report.add(FIGURE);
        Path file = folder.resolve("figures.json");
        report.write(file);

        JsonNode root = new ObjectMapper().readTree(file.toFile());
        assertThat(root.at("/command").asText()).isEqualTo("jepa bench x");
        assertThat(root.at("/machine/cores").asText()).isEqualTo("2");
        JsonNode figure = root.at("/figures/0");
        assertThat(figure.at("/value/repetitions").toString()).isEqualTo("[1.0,2.0,9.0,4.0]");
        assertThat(figure.at("/ceiling/median").asDouble()).isEqualTo(6.5);
        assertThat(figure.at("/ratio/least").asDouble()).isEqualTo(0.25);
        assertThat(figure.at("/also/memory").asText()).isEqualTo("0.8 GB");
        assertThat(out.toString()).startsWith("cores 2").contains(BenchReport.line(FIGURE));
    }
}
