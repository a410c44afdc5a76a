package io.jepastream.trainer.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import io.jepastream.encoder.ModelBundle;
import io.jepastream.encoder.ModelOptions;
import io.jepastream.encoder.tensor.DeviceExecutor;
import io.jepastream.encoder.tensor.Precision;
import io.jepastream.ingest.synth.Surface;
import io.jepastream.trainer.data.SynthSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A whole report with very small models. */
final class ReportTest {
    private static final ReportScale SMALLEST = new ReportScale("smallest", 24, 2, 2, 64, 2, 1, 2, 1);

    @TempDir
    private Path directory;

    /** Stops a report when a line comes. */
    private static final class Listener implements ReportListener {
        private final List<String> lines = new ArrayList<>();
        private final String until;

        Listener(String until) {
            this.until = until;
        }

        @Override
        public void say(String line) {
            lines.add(line);
        }

        @Override
        public boolean stopping() {
            return lines.stream().anyMatch(line -> line.contains(until));
        }
    }

    private static ReportSettings settings(int steps, String... studies) {
        return new ReportSettings(
                Studies.named(List.of(studies)),
                SynthSet.Task.CAMERA_MOTION,
                Surface.GRAIN,
                9,
                9,
                steps,
                List.of(1L),
                SMALLEST,
                Precision.FP32,
                "jepa evaluate");
    }

    private static boolean run(ReportSettings settings, Path to, ReportListener listener) throws Exception {
        try (DeviceExecutor device = new DeviceExecutor(Device.cpu(), 1)) {
            ModelOptions options = ModelOptions.defaults().withDevice("cpu").withThreads(1);
            return new Report(settings, to, device, options, listener).run();
        }
    }

    private static List<String> runs(Path report) throws IOException {
        try (Stream<Path> files = Files.list(report.resolve("runs"))) {
            return files.filter(run -> Files.exists(run.resolve("done.json")))
                    .map(run -> run.getFileName().toString())
                    .sorted()
                    .toList();
        }
    }

    @Test
    void aReport_goesOnWhereItWasStopped_andEndsWithTheSame() throws Exception {
        Path whole = directory.resolve("whole");
        ReportSettings settings = settings(4, "targets", "pooling", "tuning");
        Listener calm = new Listener("never");
        assertThat(run(settings, whole, calm)).isTrue();
        assertThat(calm.lines).anyMatch(line -> line.startsWith("estimate: "));
        assertThat(runs(whole))
                .containsExactly(
                        "features-seed1",
                        "features-seed1-attentive",
                        "features-seed1-average",
                        "features-seed1-fine-tuned",
                        "pixels-seed1",
                        "pixels-seed1-attentive");
        assertThat(whole.resolve("runs/features-seed1/checkpoints")).doesNotExist();
        assertThat(whole.resolve("runs/features-seed1/features")).doesNotExist();
        assertThat(ModelBundle.read(whole.resolve("runs/features-seed1/model"))
                        .encoder()
                        .embedDim())
                .isEqualTo(24);
        String text = Files.readString(whole.resolve("report.md"));
        assertThat(text).contains("6 of 6 done").doesNotContain("Not decided").doesNotContain("NaN");
        assertThat(whole.resolve("targets.png")).isNotEmptyFile();

        Path parts = directory.resolve("parts");
        Listener inPretraining = new Listener("features-seed1: step 2 of 4");
        assertThat(run(settings, parts, inPretraining)).isFalse();
        assertThat(runs(parts)).isEmpty();
        assertThat(parts.resolve("runs/features-seed1/checkpoints")).isNotEmptyDirectory();
        assertThat(Files.readString(parts.resolve("report.md"))).contains("0 of 6 done");
        assertThat(run(settings, parts, new Listener("features-seed1-average: top-1")))
                .isFalse();
        assertThat(runs(parts)).containsExactly("features-seed1", "features-seed1-attentive", "features-seed1-average");
        FileTime first = Files.getLastModifiedTime(parts.resolve("runs/features-seed1/done.json"));
        assertThat(run(settings(0, "targets", "pooling", "tuning"), parts, calm))
                .isTrue();
        assertThat(Files.getLastModifiedTime(parts.resolve("runs/features-seed1/done.json")))
                .isEqualTo(first);
        assertThat(figures(parts)).isEqualTo(figures(whole));
        assertThat(parts.resolve("runs/pixels-seed1/model/model.safetensors"))
                .hasSameBinaryContentAs(whole.resolve("runs/pixels-seed1/model/model.safetensors"));
    }

    /** The table without its durations. */
    private static List<String> figures(Path report) throws IOException {
        return Files.readAllLines(report.resolve("report.csv")).stream()
                .map(line -> line.replaceAll(",[0-9.]+,([^,]*)$", ",$1"))
                .toList();
    }

    @Test
    void everyWayOfHiding_canBeTrained_andFewLabelsDo() throws Exception {
        Listener calm = new Listener("never");
        assertThat(run(settings(1, "masking", "labels", "pretraining"), directory, calm))
                .isTrue();
        assertThat(runs(directory))
                .contains("tube-seed1", "causal-6-seed1-attentive", "causal-12-seed1")
                .contains("features-seed1-attentive-10", "random-seed1", "random-seed1-attentive-50")
                .contains("random-reference-seed1-attentive");
        assertThat(filters(directory, "random")).isNotEqualTo(filters(directory, "random-reference"));
    }

    private static float[] filters(Path report, String encoder) throws IOException {
        return ModelBundle.read(report.resolve("runs/%s-seed1/model".formatted(encoder)))
                .encoderState()
                .get("patch_embed.proj.weight")
                .floats();
    }

    @Test
    void otherSettings_wantAnotherFolder() throws Exception {
        Listener stopped = new Listener("estimate");
        assertThat(run(settings(2, "targets"), directory, stopped)).isFalse();
        assertThatThrownBy(() -> run(settings(3, "targets"), directory, stopped))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("want the settings that it began with, or a new folder, got {steps=3, not 2}");
        assertThatThrownBy(() -> settings(-1, "targets")).hasMessageContaining("steps: want 1 or more, got -1");
    }
}
