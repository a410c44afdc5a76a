package io.jepastream.probeheads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jepastream.encoder.Family;
import io.jepastream.encoder.ModelBundle;
import io.jepastream.encoder.VideoEncoder;
import io.jepastream.encoder.checkpoint.CheckpointImport;
import io.jepastream.encoder.checkpoint.Weights;
import io.jepastream.encoder.golden.Closeness;
import io.jepastream.encoder.golden.Fixtures;
import io.jepastream.encoder.golden.GoldenCase;
import io.jepastream.encoder.tensor.DeviceExecutor;
import io.jepastream.encoder.tensor.HostTensor;
import io.jepastream.encoder.tensor.Precision;
import io.jepastream.encoder.tensor.Safetensors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The imported probe on the imported encoder gives the scores that the reference's evaluation gave after training. */
@Tag("golden")
final class HeadImportGoldenTest {
    @TempDir
    private Path scratch;

    static Stream<GoldenCase> cases() throws IOException {
        return Fixtures.cases().stream().filter(c -> c.id().endsWith("_probe_run"));
    }

    @ParameterizedTest(name = "{0}", allowZeroInvocations = true)
    @MethodSource("cases")
    void scoresAsTheReferenceDid(GoldenCase golden) throws IOException {
        boolean first = golden.id().startsWith("v1");
        Safetensors file = golden.tensors();
        List<String> wantedNames = file.names().stream()
                .filter(name -> name.matches(first ? "val_epoch\\d+/logits" : "val/logits/head\\d+"))
                .sorted()
                .toList();
        assertThat(wantedNames).isNotEmpty();
        for (int element = 0; element < (first ? 1 : wantedNames.size()); element++) {
            JsonNode classifier = golden.config().path("classifier_constructor");
            HeadImport.Imported head = HeadImport.importFile(
                    checkpoint(golden, first, "probe"),
                    classifier.path("num_heads").asInt(),
                    element,
                    Set.of());
            assertThat(head.config().depth()).isEqualTo(classifier.path("depth").asInt());
            assertThat(head.config().numClasses())
                    .isEqualTo(classifier.path("num_classes").asInt());
            // The checkpoint is of the last epoch.
            HostTensor wanted = file.read(wantedNames.get(first ? wantedNames.size() - 1 : element));
            score(golden, head, wanted);
        }
    }

    @ParameterizedTest(name = "{0}", allowZeroInvocations = true)
    @MethodSource("cases")
    void namesTheProbesThereAre(GoldenCase golden) {
        Path probe = checkpoint(golden, golden.id().startsWith("v1"), "probe");
        assertThatThrownBy(() -> HeadImport.importFile(probe, 1, 7, Set.of()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("want probe 7 under key 'classifier' or 'classifiers'");
    }

    private static Path checkpoint(GoldenCase golden, boolean first, String what) {
        String name = first ? "v1_%s_checkpoint.pth.tar" : "v2_%s_checkpoint.pt";
        return golden.directory().resolve(name.formatted(what));
    }

    private void score(GoldenCase golden, HeadImport.Imported head, HostTensor wanted) throws IOException {
        Safetensors file = golden.tensors();
        HostTensor clips = GoldenCase.input(file, "in/clip_pool_u8");
        HostTensor index = file.read("val/pool_index");
        ModelBundle.Draft draft = encoder(golden);
        try (DeviceExecutor device = new DeviceExecutor(Device.cpu(), 0)) {
            device.call(scope -> {
                try (VideoEncoder encoder =
                                VideoEncoder.load(scope, draft.encoder(), Precision.FP32, draft.encoderState());
                        Probe probe = Probe.load(scope, head.config(), Precision.FP32, head.state(), golden.id())) {
                    NDArray pool = encoder.encode(scope, scope.create(clips.floats(), new Shape(clips.shape())));
                    NDArray logits = logits(scope, probe, pool, index);
                    double atol = golden.node()
                            .path("tolerance")
                            .path("logits")
                            .path("suggested_atol")
                            .asDouble();
                    double rtol = golden.node()
                            .path("tolerance")
                            .path("logits")
                            .path("suggested_rtol")
                            .asDouble();
                    Closeness.requireClose(golden.id() + " imported head", logits, wanted, atol, rtol);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                return true;
            });
        }
    }

    /** Scores of every view: the tokens of its segments one after the other. */
    private static NDArray logits(NDManager scope, Probe probe, NDArray pool, HostTensor index) throws IOException {
        long[] sides = index.shape();
        long[] clips = index.longs();
        NDList views = new NDList();
        for (int view = 0; view < sides[1]; view++) {
            NDList samples = new NDList();
            for (int sample = 0; sample < sides[2]; sample++) {
                NDList segments = new NDList();
                for (int segment = 0; segment < sides[0]; segment++) {
                    segments.add(pool.get(clips[(int) ((segment * sides[1] + view) * sides[2]) + sample]));
                }
                samples.add(NDArrays.concat(segments, 0));
            }
            views.add(probe.read(scope, NDArrays.stack(samples)).logits());
        }
        return NDArrays.stack(views);
    }

    private ModelBundle.Draft encoder(GoldenCase golden) throws IOException {
        boolean first = golden.id().startsWith("v1");
        Family family = first ? Family.VJEPA1 : Family.VJEPA2;
        JsonNode shapes = pretrained(golden, checkpoint(golden, first, "pretrain"));
        Path json = Files.writeString(
                scratch.resolve(golden.id() + ".json"),
                new ObjectMapper()
                        .createObjectNode()
                        .put("family", family.id())
                        .<ObjectNode>set("encoder", shapes.path("encoder_constructor"))
                        .set("predictor", shapes.path("predictor_constructor"))
                        .toString());
        ModelBundle.Architecture architecture = ModelBundle.architecture(json);
        return CheckpointImport.importFile(
                checkpoint(golden, first, "pretrain"),
                Optional.of(architecture.encoder()),
                architecture.predictor(),
                Weights.TARGET,
                Set.of());
    }

    /** The configuration of the case that this checkpoint is of: the probe's own leaves out the predictor. */
    private static JsonNode pretrained(GoldenCase golden, Path checkpoint) throws IOException {
        String name = String.valueOf(checkpoint.getFileName());
        for (GoldenCase other : Fixtures.cases()) {
            boolean owns = other.directory().equals(golden.directory())
                    && other.node().path("files").path(0).path("file").asText().equals(name);
            if (owns) {
                return other.config();
            }
        }
        throw new IOException("case %s: want a case of %s, got none".formatted(golden.id(), name));
    }
}
