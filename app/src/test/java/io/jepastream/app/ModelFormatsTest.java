package io.jepastream.app;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.types.Shape;
import io.jepastream.encoder.EncoderConfig;
import io.jepastream.encoder.Family;
import io.jepastream.encoder.ModelBundle;
import io.jepastream.encoder.VideoEncoder;
import io.jepastream.encoder.checkpoint.TorchWriter;
import io.jepastream.encoder.tensor.HostTensor;
import io.jepastream.probeheads.Heads;
import io.jepastream.probeheads.Probe;
import io.jepastream.probeheads.ProbeConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The model commands, there and back. */
class ModelFormatsTest {
    private static final ProbeConfig ATTENTIVE = new ProbeConfig(ProbeConfig.Kind.ATTENTIVE_V2, 24, 2, 4, 2, 3, 1e-5);

    @TempDir
    Path directory;

    private Path bundle;

    @BeforeEach
    void writeBundle() throws IOException {
        bundle = TinyBundle.write(directory.resolve("tiny"));
        Heads.write(
                ModelBundle.read(bundle),
                "acts",
                ATTENTIVE,
                constant(Probe.shapes(ATTENTIVE, 1), 0.5f),
                List.of("run", "walk", "sit down"));
    }

    private static Map<String, HostTensor> constant(Map<String, Shape> shapes, float value) {
        Map<String, HostTensor> state = new LinkedHashMap<>();
        shapes.forEach((name, shape) -> {
            float[] values = new float[Math.toIntExact(shape.size())];
            Arrays.fill(values, value);
            state.put(name, HostTensor.of(values, shape.getShape()));
        });
        return state;
    }

    private static String run(Object... arguments) {
        Cli.Result result =
                Cli.run(Arrays.stream(arguments).map(Object::toString).toArray(String[]::new));
        assertThat(result.err()).isEmpty();
        assertThat(result.code()).isZero();
        return result.out();
    }

    private static String refused(Object... arguments) {
        Cli.Result result =
                Cli.run(Arrays.stream(arguments).map(Object::toString).toArray(String[]::new));
        assertThat(result.code()).isNotZero();
        return result.err();
    }

    private void requireSameModel(Path other) throws IOException {
        ModelBundle wanted = ModelBundle.read(bundle);
        ModelBundle got = ModelBundle.read(other);
        assertThat(got.encoder()).isEqualTo(wanted.encoder());
        Map<String, HostTensor> state = got.encoderState();
        wanted.encoderState()
                .forEach((name, tensor) -> assertThat(state.get(name).bytes()).isEqualTo(tensor.bytes()));
        assertThat(state).hasSameSizeAs(wanted.encoderState());
    }

    @Test
    void torchFile_thereAndBack() throws IOException {
        Path file = directory.resolve("tiny.pt");
        run("model", "export", bundle, "--format", "vjepa2", "--out", file);
        Path back = directory.resolve("back");
        String said = run("model", "import", file, "--out", back, "--config", bundle.resolve("config.json"));
        assertThat(said).contains("no official size (D 24, 1 blocks, 2 heads)", "weights target_encoder");
        requireSameModel(back);
        assertThat(refused("model", "import", file, "--out", back)).contains("want one of the official sizes");
        assertThat(refused("model", "import", file, "--out", back, "--arch", "vit_large"))
                .contains("want one of the official sizes [vit_large], got width 24 and 1 blocks");
    }

    @Test
    void probeFile_thereAndBack_withLabels() throws IOException {
        Path file = directory.resolve("acts-probe.pt");
        run("model", "export", bundle, "--format", "vjepa2", "--head", "acts", "--out", file);
        Path labels = Files.writeString(directory.resolve("labels.txt"), "run\nwalk\n\nsit down\n");
        assertThat(run("model", "add-head", bundle, file, "--labels", labels))
                .contains("head acts-probe: attentive-v2, 3 classes, 2 attention heads");
        run("model", "add-head", bundle, file, "--head-name", "unnamed", "--head-heads", "4");
        String info = run("model", "info", bundle);
        assertThat(info)
                .contains("acts-probe: attentive-v2, depth 2, 2 attention heads, 3 classes")
                .contains("unnamed: attentive-v2, depth 2, 4 attention heads, 3 classes")
                .contains("labels run, walk, sit down", "labels class-0, class-1, class-2");
        run("model", "add-head", bundle, file, "--head-name", "levels", "--out-layers", "0");
        assertThat(run("model", "info", bundle)).contains("reads blocks [0]");
        assertThat(refused("model", "export", bundle, "--format", "hf", "--head", "levels", "--out", file + ".hf"))
                .contains("head levels: want one that reads the encoder's output, got out_layers [0]");
        assertThat(refused("model", "add-head", bundle, file, file)).contains("heads: want distinct names");
        Files.writeString(labels, "run\n");
        assertThat(refused("model", "add-head", bundle, file, "--labels", labels))
                .contains("labels.txt: want 3 labels, one for each class, got 1");
    }

    @Test
    void huggingFace_thereAndBack_withItsHead() throws IOException {
        Path out = directory.resolve("hf");
        run("model", "export", bundle, "--format", "hf", "--head", "acts", "--out", out);
        Path back = directory.resolve("back");
        assertThat(run("model", "import", out, "--out", back))
                .contains("weights online", "head classifier: attentive-v2, 3 classes, 2 attention heads");
        requireSameModel(back);
        assertThat(run("model", "info", back)).contains("weights: online", "labels run, walk, sit down");
        assertThat(run("model", "info", out))
                .contains(
                        "Hugging Face layout",
                        "3 classes, depth 2",
                        "labels run, walk, sit down",
                        "weights         online")
                .contains("unusual         nothing");
        assertThat(refused("model", "import", out, "--out", back))
                .contains("--out: want a directory without heads of another model", "[classifier]");
        assertThat(refused("model", "import", out, "--out", directory.resolve("new"), "--weights", "target"))
                .contains("--weights: want online, got target");
    }

    @Test
    void formatsThatDoNotFitAreRefused() {
        assertThat(refused("model", "export", bundle, "--format", "vjepa1", "--out", directory.resolve("x")))
                .contains("--format: want vjepa2 or hf, which this bundle is, got 'vjepa1'");
        assertThat(refused("model", "export", bundle, "--format", "hf", "--head", "mood", "--out", directory))
                .contains("head mood: want one of kind attentive-v2 for this format, got mean");
        assertThat(refused("model", "export", bundle, "--format", "hf", "--out", bundle))
                .contains("want a directory without another model, got a bundle");
        assertThat(refused("model", "import", bundle, "--out", directory.resolve("x")))
                .contains("jepa model add-head");
        assertThat(refused("model", "info", directory.resolve("nothing"))).contains("nothing");
    }

    @Test
    void info_saysWhatIsUnusual() throws IOException {
        EncoderConfig tiny = EncoderConfig.builder(Family.VJEPA1, "vit_tiny").build();
        Map<String, HostTensor> state = constant(VideoEncoder.shapes(tiny), 0.25f);
        state.put("norm.bias", state.get("norm.bias").toBf16());
        state.put("head.weight", HostTensor.of(new float[] {Float.NaN}, 1));
        Map<String, Object> top = new LinkedHashMap<>();
        top.put("target_encoder", TorchWriter.state("module.backbone.", state));
        top.put("epoch", 12L);
        top.put("opt", Map.of("state", Map.of(0L, HostTensor.of(new float[500], 500))));
        Path file = directory.resolve("odd.pth.tar");
        TorchWriter.write(file, top);
        String info = run("model", "info", file);
        assertThat(info)
                .contains("family          vjepa1")
                .contains("vit_tiny (D 192, 12 blocks, 3 heads), 16 frames of 224 x 224, tubelet 2, patch 16")
                .contains("parameters and a table of 301,056 in", "of float32, bfloat16")
                .contains("opt             1 tensors, 2.0 kB", "epoch           12")
                .contains("several types", "not finite in head.weight", "outside of the layout: head.weight")
                .contains("differs from the analytic one by up to 1.2e+00", "only the target encoder");
        assertThat(info.lines()).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(120));
    }
}
