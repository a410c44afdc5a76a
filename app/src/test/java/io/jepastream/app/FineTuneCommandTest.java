package io.jepastream.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.jepastream.encoder.ModelBundle;
import io.jepastream.probeheads.Heads;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code jepa finetune}: from a bundle and videos to another bundle; and what {@code jepa evaluate} refuses. */
class FineTuneCommandTest {
    @TempDir
    Path directory;

    private Path model;

    @BeforeEach
    void write() throws IOException {
        model = TinyBundle.write(directory.resolve("model"));
        WarmAndCold.write(directory.resolve("data"));
    }

    @Test
    void encoderAndHead_learn_andServe() throws IOException {
        byte[] before = Files.readAllBytes(model.resolve("model.safetensors"));
        Cli.Result tuned = finetune("--epochs", "12", "--lr", "1e-2", "--layer-decay", "0.9");
        assertThat(tuned.code()).as(tuned.err()).isZero();
        assertThat(tuned.out())
                .contains("2 classes, 8 videos to train on, 2 held out")
                .contains("epoch  12, ")
                .contains("held out top-1 1.0000 of 2 videos");
        assertThat(model.resolve("model.safetensors")).hasBinaryContent(before);

        ModelBundle bundle = ModelBundle.read(directory.resolve("tuned"));
        assertThat(bundle.headNames()).containsExactly("heat");
        assertThat(Heads.openAll(bundle).get(0).labels()).containsExactly("cold", "warm");
        assertThat(bundle.provenance().path("command").asText()).startsWith("jepa finetune --model");
        assertThat(bundle.provenance().path("model_digest").asText())
                .isEqualTo(ModelBundle.read(model).digest());
        assertThat(bundle.encoderState().get("blocks.0.mlp.fc1.weight").floats())
                .isNotEqualTo(ModelBundle.read(model)
                        .encoderState()
                        .get("blocks.0.mlp.fc1.weight")
                        .floats());

        Path out = directory.resolve("out.jsonl");
        Cli.Result extracted = Cli.run(
                "extract", path("data/cold/1.mp4"), "--model", path("tuned"), "--views", "1", "--out", out.toString());
        assertThat(extracted.code()).as(extracted.err()).isZero();
        JsonNode labels = new ObjectMapper().readTree(Files.readString(out)).path("labels");
        assertThat(labels.path("heat").path(0).path("label").asText()).isEqualTo("cold");

        Cli.Result again = finetune("--epochs", "1");
        assertThat(again.code()).isEqualTo(2);
        assertThat(again.err()).contains("--out: want a new or empty folder");
    }

    @Test
    void aStoppedRun_goesOn_toTheBundleOfOneThatWasNot() throws IOException {
        String[] recipe = {"--epochs", "2", "--mixup", "0.8", "--cutmix", "1", "--rand-augment", "m7-n4"};
        Cli.Result stopped = finetune(Cli.join(recipe, "--stop-after", "1"));
        assertThat(stopped.code()).as(stopped.err()).isZero();
        assertThat(stopped.out()).contains("epoch   1, ").contains("stopped after epoch 1; --resume goes on");
        assertThat(directory.resolve("tuned/config.json")).doesNotExist();
        assertThat(finetune(recipe).err()).contains("--out: want a new or empty folder, or --resume, got files in");

        Cli.Result other = finetune(Cli.join(recipe, "--resume", "--erase", "0.25"));
        assertThat(other.code()).isEqualTo(1);
        assertThat(other.err()).contains("got others: erase=0.25, not 0.0");

        Cli.Result resumed = finetune(Cli.join(recipe, "--resume"));
        assertThat(resumed.code()).as(resumed.err()).isZero();
        assertThat(resumed.out()).contains("epoch   2, ").doesNotContain("epoch   1, ");
        assertThat(directory.resolve("tuned/checkpoints")).doesNotExist();
        byte[] weights = Files.readAllBytes(directory.resolve("tuned/model.safetensors"));
        byte[] heat = Files.readAllBytes(directory.resolve("tuned/heads/heat/head.safetensors"));

        Cli.Result done = finetune(Cli.join(recipe, "--resume"));
        assertThat(done.code()).isEqualTo(2);
        assertThat(done.err()).contains("--resume: want a run that was stopped").contains("without a checkpoint");

        Files.move(directory.resolve("tuned"), directory.resolve("before"));
        // Killed in its first checkpoint: as good as a new folder.
        Path half =
                Files.createDirectories(directory.resolve("tuned/checkpoints")).resolve("epoch-1.safetensors.a.tmp");
        Files.writeString(half, "half");
        Cli.Result through = finetune(Cli.join(recipe, "--resume"));
        assertThat(through.code()).as(through.err()).isZero();
        assertThat(directory.resolve("tuned/model.safetensors")).hasBinaryContent(weights);
        assertThat(directory.resolve("tuned/heads/heat/head.safetensors")).hasBinaryContent(heat);
    }

    @Test
    void whatCannotBe_isSaidByName() {
        assertThat(finetune("--layer-decay", "2").err()).contains("layer-decay: want above 0 and at most 1, got 2.0");
        assertThat(finetune("--drop-path", "1").err()).contains("drop-path: want 0 to below 1");
        assertThat(finetune("--label-smoothing", "1").err()).contains("label-smoothing: want 0 to below 1, got 1.0");
        assertThat(finetune("--warmup-epochs", "99").err()).contains("warmup-epochs: want 0 to all epochs");
        assertThat(finetune("--mixup", "-1").err()).contains("mixup: want 0 to 1000, got -1.0");
        assertThat(finetune("--cutmix", "-1").err()).contains("cutmix: want 0 to 1000");
        assertThat(finetune("--head-dropout", "1").err()).contains("head-dropout: want 0 to below 1, got 1.0");
        assertThat(finetune("--rand-augment", "n4").err()).contains("rand-augment: want none, or magnitude and number");
        assertThat(finetune("--erase", "2").err()).contains("erase: want a probability of 0 to 1, got 2.0");
        assertThat(finetune("--repeat-videos", "3").err())
                .contains("batch: want a multiple of repeat-videos, 3, got 4");
        assertThat(finetune("--repeat-videos", "0").err()).contains("repeat-videos: want 1 or more, got 0");
        assertThat(finetune("--stop-after", "0").err()).contains("stop-after: want 1 or more, got 0");
        assertThat(finetune("--kind", "round").err()).contains("head kind: want");
        assertThat(finetune("--val", path("data/warm")).err()).contains("want a label");
        assertThat(directory.resolve("tuned")).doesNotExist();
    }

    @Test
    void aReportWithOtherSettings_isLeftAlone() throws IOException {
        Path report = Files.createDirectories(directory.resolve("report"));
        String began = """
                task: camera-motion
                surface: grain
                train: 20
                val: 10
                steps: 40
                size: tiny
                precision: bf16
                clips_per_second: 30.0
                estimated_seconds: 100.0
                """;
        Files.writeString(report.resolve("settings.yaml"), began);
        Cli.Result result =
                Cli.run("evaluate", "--report", report.toString(), "--train", "30", "--val", "10", "--device", "cpu");
        assertThat(result.code()).isEqualTo(1);
        assertThat(result.err())
                .contains("want the settings that it began with")
                .contains("train=30, not 20");

        Files.writeString(report.resolve("settings.yaml"), began.replace("surface: grain\n", ""));
        result = Cli.run("evaluate", "--report", report.toString(), "--device", "cpu");
        assertThat(result.code()).isEqualTo(1);
        assertThat(result.err())
                .contains("want one of this version, or a new folder, got Missing")
                .contains("surface");
        assertThat(report.resolve("data")).doesNotExist();
    }

    private Cli.Result finetune(String... more) {
        String[] common = {
            "finetune", "--model", path("model"), "--data", path("data"), "--out", path("tuned"), "--head", "heat"
        };
        String[] quick = {"--batch", "4", "--frame-step", "1", "--device", "cpu", "--threads", "1"};
        return Cli.run(Cli.join(Cli.join(common, quick), more));
    }

    private String path(String name) {
        return directory.resolve(name).toString();
    }
}
