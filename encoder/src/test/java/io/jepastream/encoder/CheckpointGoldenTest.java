package io.jepastream.encoder;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import com.sun.management.ThreadMXBean;
import io.jepastream.encoder.checkpoint.CheckpointException;
import io.jepastream.encoder.checkpoint.CheckpointImport;
import io.jepastream.encoder.checkpoint.Weights;
import io.jepastream.encoder.golden.Closeness;
import io.jepastream.encoder.golden.Coverage;
import io.jepastream.encoder.golden.Fixtures;
import io.jepastream.encoder.golden.GoldenCase;
import io.jepastream.encoder.tensor.DeviceExecutor;
import io.jepastream.encoder.tensor.HostTensor;
import io.jepastream.encoder.tensor.Precision;
import io.jepastream.encoder.tensor.Safetensors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Imports the reference's checkpoints, and refuses the broken ones. */
@Tag("golden")
final class CheckpointGoldenTest {
    private static final Duration QUICK = Duration.ofSeconds(2);
    private static final long MODEST = 256L << 20;

    /** What the error about each broken file has to say; the same for target and online weights. */
    private static final Map<String, String> COMPLAINTS = Map.ofEntries(
            Map.entry("malicious_raw_pickle.pt", "refused global 'os.system'"),
            Map.entry("malicious_zip_in_extra_entry.pth.tar", "refused global '(os|posix|nt).system'"),
            Map.entry("malicious_zip_in_state_dict.pth.tar", "refused global '(os|posix|nt).system'"),
            Map.entry("malicious_builtin_eval.pth.tar", "refused global '(__builtin__|builtins).eval'"),
            Map.entry("truncated_zip_60_percent.pth.tar", "truncated or not a valid archive"),
            Map.entry("truncated_zip_last_100_bytes.pth.tar", "truncated or not a valid archive"),
            Map.entry(
                    "truncated_legacy.pth.tar", "storage \\d+: want \\d+ elements .*, got only \\d+ bytes: truncated"),
            Map.entry("empty_file.pth.tar", "want a torch checkpoint, got a file of 0 bytes"),
            Map.entry("text_file.pth.tar", "got 0x54: not a torch checkpoint"),
            Map.entry("truncated_pickle_in_zip.pth.tar", "archive/data.pkl, byte \\d+: .* truncated"),
            Map.entry("storage_record_too_short.pth.tar", "record archive/data/1: want \\d+ elements"),
            Map.entry("storage_record_missing.pth.tar", "want record archive/data/1 of \\d+ elements .*, got none"),
            Map.entry("tensor_shape_mismatch.pth.tar", "'[\\w.]+': want shape \\[[\\d, ]+\\], got F32\\[[\\d, ]+\\]"),
            Map.entry(
                    "pos_embed_shape_mismatch.pth.tar",
                    "'pos_embed': want shape \\[1, \\d+, \\d+\\], got F32\\[1, \\d+, \\d+\\]"),
            Map.entry(
                    "tensor_huge_by_stride0.pth.tar",
                    "tensor '(target_)?encoder.module.backbone.[\\w.]+': view: want at most \\d+ elements"),
            Map.entry(
                    "tensor_view_out_of_bounds.pth.tar",
                    "tensor '(target_)?encoder.module.backbone.[\\w.]+': view: want it inside its storage of \\d+"),
            Map.entry("missing_key.pth.tar", "missing \\[[\\w.]+\\], unexpected \\[\\]"),
            Map.entry("extra_key.pth.tar", "missing \\[\\], unexpected \\[[\\w.]+\\]"),
            Map.entry("nan_weight.pth.tar", "'[\\w.]+': want finite values, got NaN at index \\d+"),
            Map.entry("inf_weight.pth.tar", "'[\\w.]+': want finite values, got -?Infinity at index \\d+"),
            Map.entry(
                    "missing_target_encoder.pth.tar",
                    "want key 'target_encoder', got only .*; the encoder weights are there"));

    private static DeviceExecutor device;

    @TempDir
    Path scratch;

    @BeforeAll
    static void startDevice() {
        device = new DeviceExecutor(Device.cpu(), 0);
    }

    @AfterAll
    static void stopDevice() {
        device.close();
    }

    static Stream<GoldenCase> cases() throws IOException {
        return Fixtures.cases().stream().filter(c -> Coverage.CHECKPOINTS.contains(c.id()));
    }

    @ParameterizedTest(name = "{0}", allowZeroInvocations = true)
    @MethodSource("cases")
    void importsWhatTheReferenceSaved(GoldenCase golden) throws IOException {
        switch (golden.id()) {
            case "pickle_value_zoo" -> PickleZooGolden.check(golden);
            case "bad_files" -> badFiles(golden);
            default -> {
                for (Weights weights : Weights.values()) {
                    Safetensors expected = golden.tensors();
                    ModelBundle bundle = imported(golden, file(golden, 0), weights);
                    requireStored(golden, expected, weights, bundle);
                    forward(golden, bundle, expected, "out/" + weights.key());
                }
            }
        }
    }

    private ModelBundle imported(GoldenCase golden, Path file, Weights weights) throws IOException {
        Path out = scratch.resolve(golden.id() + "-" + weights.key());
        return ModelBundle.write(out, draft(golden, file, weights));
    }

    private static ModelBundle.Draft draft(GoldenCase golden, Path file, Weights weights) throws IOException {
        JsonNode config = golden.config();
        Family family = golden.id().startsWith("v2") ? Family.VJEPA2 : Family.VJEPA1;
        return CheckpointImport.importFile(
                file,
                Optional.of(ConfigJson.encoder(family, config.path("encoder_constructor"))),
                Optional.of(ConfigJson.predictor(family, config.path("predictor_constructor"))),
                weights,
                Set.of());
    }

    /** Tensors whose values the case lists have to be in the bundle to the last bit. */
    private static void requireStored(GoldenCase golden, Safetensors expected, Weights weights, ModelBundle bundle)
            throws IOException {
        String prefix = "values/%s/".formatted(weights.key());
        for (Map.Entry<String, HostTensor> value : expected.readAll(prefix).entrySet()) {
            HostTensor stored = bundle.encoderState().get(value.getKey());
            assertThat(stored).as("%s %s", golden.id(), value.getKey()).isNotNull();
            assertThat(stored.shape()).isEqualTo(value.getValue().shape());
            assertThat(stored.floats()).isEqualTo(value.getValue().floats());
        }
    }

    private static void forward(GoldenCase golden, ModelBundle bundle, Safetensors expected, String out) {
        device.call(scope -> {
            try (VideoEncoder encoder =
                    VideoEncoder.load(scope, bundle.encoder(), Precision.FP32, bundle.encoderState())) {
                HostTensor clip = GoldenCase.input(expected, "in/clip_u8");
                NDArray got = encoder.encode(scope, scope.create(clip.floats(), new Shape(clip.shape())));
                JsonNode tolerance = golden.node().path("tolerance");
                double atol = tolerance.path("suggested_atol").asDouble();
                double rtol = tolerance.path("suggested_rtol").asDouble();
                Closeness.requireClose(golden.id() + " " + out, got, expected.read(out), atol, rtol);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return true;
        });
    }

    private void badFiles(GoldenCase golden) throws IOException {
        for (JsonNode entry : golden.node().path("expected").path("files")) {
            Path file = golden.directory().resolve(entry.path("file").asText());
            if (entry.path("kind").asText().equals("good")) {
                ModelBundle bundle = imported(golden, file, Weights.TARGET);
                forward(golden, bundle, golden.tensors(), "out/target_encoder");
            } else {
                requireRefused(golden, file);
            }
        }
    }

    private static void requireRefused(GoldenCase golden, Path file) throws IOException {
        String name = String.valueOf(file.getFileName());
        Instant start = Instant.now();
        long before = allocated();
        String complaint;
        try {
            complaint = "imported " + draft(golden, file, Weights.TARGET).name();
        } catch (CheckpointException e) {
            complaint = e.getMessage();
        }
        assertThat(Duration.between(start, Instant.now())).as(name).isLessThan(QUICK);
        assertThat(allocated() - before).as("bytes allocated for %s", name).isLessThan(MODEST);
        assertThat(COMPLAINTS).as("a complaint for %s", name).containsKey(name);
        assertThat(complaint).contains(name).containsPattern(COMPLAINTS.get(name));
    }

    /** Bytes that this thread has put on the heap so far. */
    private static long allocated() {
        return ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
    }

    private static Path file(GoldenCase golden, int index) {
        return golden.directory()
                .resolve(golden.node().path("files").path(index).path("file").asText());
    }
}
