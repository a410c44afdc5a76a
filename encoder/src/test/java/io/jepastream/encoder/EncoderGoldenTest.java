package io.jepastream.encoder;

import static io.jepastream.encoder.golden.GoldenCase.input;
import static io.jepastream.encoder.golden.GoldenCase.state;
import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import io.jepastream.encoder.golden.Closeness;
import io.jepastream.encoder.golden.Coverage;
import io.jepastream.encoder.golden.Fixtures;
import io.jepastream.encoder.golden.GoldenCase;
import io.jepastream.encoder.tensor.DeviceExecutor;
import io.jepastream.encoder.tensor.HostTensor;
import io.jepastream.encoder.tensor.Kernel;
import io.jepastream.encoder.tensor.Precision;
import io.jepastream.encoder.tensor.Safetensors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.LongBuffer;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("golden")
final class EncoderGoldenTest {
    private static final String V1_WEIGHTS = "v1_encoder_video.safetensors";
    private static final String V2_WEIGHTS = "v2_encoder_rope.safetensors";
    private static DeviceExecutor device;

    @BeforeAll
    static void startDevice() {
        device = new DeviceExecutor(Device.cpu(), 0);
    }

    @AfterAll
    static void stopDevice() {
        device.close();
    }

    static Stream<GoldenCase> cases() throws IOException {
        return Fixtures.cases().stream()
                .filter(c -> !Coverage.PROBE_HEADS.contains(c.id()))
                .filter(c -> !Coverage.CHECKPOINTS.contains(c.id()))
                .filter(c -> !Coverage.TRAINER.contains(c.id()))
                .filter(c -> !Coverage.PRETRAINING.contains(c.id()))
                .filter(c -> !Coverage.PROBE_TRAINING.contains(c.id()))
                .filter(c -> !Coverage.DENSE.contains(c.id()));
    }

    @ParameterizedTest(name = "{0}", allowZeroInvocations = true) // a set of V-JEPA 2.1 alone has none of these
    @MethodSource("cases")
    void matchesTheReference(GoldenCase golden) {
        assertThat(Coverage.ENCODER)
                .as("case %s is covered by no test", golden.id())
                .contains(golden.id());
        device.call(scope -> {
            try {
                check(golden, scope);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return true;
        });
    }

    private static void check(GoldenCase golden, NDManager scope) throws IOException {
        switch (golden.id()) {
            case "v1_encoder_video", "v2_encoder_rope" -> trace(golden, scope);
            case "v1_encoder_image_repeated" -> imageRepeated(golden, scope);
            case "v1_encoder_image2d" -> image2d(golden, scope);
            case "v1_encoder_interp" -> interpolated(golden, scope);
            case "v1_encoder_masked" -> masked(golden, scope);
            case "v2_encoder_rope_masked" -> ropeMasked(golden, scope);
            case "v2_encoder_variants" -> variants(golden, scope);
            case "v1_sincos_tables" -> SinCosGolden.check(golden);
            case "v2_rope_rotation" -> rotation(golden, scope);
            case "v1_predictor" -> predictorV1(golden, scope);
            case "v2_predictor_rope" -> predictorV2(golden, scope);
            case "v1_eval_preprocessing" -> PreprocessingGolden.check(golden);
            default -> throw new AssertionError("case %s is covered by no test".formatted(golden.id()));
        }
    }

    private static void trace(GoldenCase golden, NDManager scope) throws IOException {
        Safetensors file = golden.tensors();
        try (VideoEncoder encoder = encoder(golden, golden.config(), state(file, "weights/encoder/"), scope)) {
            NDArray clip = array(scope, input(file, "in/clip_u8"));
            NDList stages = encoder.trace(scope, clip);
            compare(golden, file, "out/patch_embed", stages.head());
            for (int i = 0; i < encoder.config().depth(); i++) {
                compare(golden, file, "out/block" + i, stages.get(i + 2));
            }
            compare(golden, file, "out/final", encoder.encode(scope, clip));
            int[] levels = {0, encoder.config().depth() - 1};
            assertThat(encoder.encodeLevels(scope, clip, levels)).hasSize(2);
            compare(
                    golden,
                    file,
                    "out/final",
                    encoder.encodeLevels(scope, clip, levels).get(1));
        }
    }

    private static void imageRepeated(GoldenCase golden, NDManager scope) throws IOException {
        Safetensors file = golden.tensors();
        Map<String, HostTensor> weights = state(golden.borrowed(V1_WEIGHTS), "weights/encoder/");
        try (VideoEncoder encoder = encoder(golden, golden.config(), weights, scope)) {
            NDArray image = array(scope, input(file, "in/image")).expandDims(2);
            NDArray clip = image.repeat(2, encoder.config().numFrames());
            compare(golden, file, "out/final", encoder.encode(scope, clip));
        }
    }

    private static void image2d(GoldenCase golden, NDManager scope) throws IOException {
        Safetensors file = golden.tensors();
        try (VideoEncoder encoder = encoder(golden, golden.config(), state(file, "weights/encoder/"), scope)) {
            NDArray image = array(scope, input(file, "in/image"));
            compare(golden, file, "out/final", encoder.encode(scope, image));
            NDList mask = new NDList(array(scope, file.read("in/mask")));
            compare(
                    golden,
                    file,
                    "out/final_masked",
                    encoder.encode(scope, image, mask).head());
            NDArray big = array(scope, input(file, "in/image_big"));
            compare(golden, file, "out/pos_embed_interp", encoder.positionsFor(big));
            compare(golden, file, "out/final_big", encoder.encode(scope, big));
        }
    }

    private static void interpolated(GoldenCase golden, NDManager scope) throws IOException {
        Safetensors file = golden.tensors();
        Map<String, HostTensor> weights = state(golden.borrowed(V1_WEIGHTS), "weights/encoder/");
        try (VideoEncoder encoder = encoder(golden, golden.config(), weights, scope)) {
            for (String name : names(file, "in/", "/clip_u8")) {
                NDArray clip = array(scope, input(file, "in/" + name + "/clip_u8"));
                compare(golden, file, "out/" + name + "/pos_embed", encoder.positionsFor(clip));
                compare(golden, file, "out/" + name + "/final", encoder.encode(scope, clip));
            }
        }
    }

    private static void masked(GoldenCase golden, NDManager scope) throws IOException {
        Safetensors file = golden.tensors();
        Map<String, HostTensor> weights = state(golden.borrowed(V1_WEIGHTS), "weights/encoder/");
        try (VideoEncoder encoder = encoder(golden, golden.config(), weights, scope)) {
            NDArray clip = array(scope, input(file, "in/clip_u8"));
            NDList both = encoder.encode(scope, clip, masks(scope, file, "in/mask_a", "in/mask_b"));
            compare(golden, file, "out/multimask/0", both.get(0));
            compare(golden, file, "out/multimask/1", both.get(1));
            compare(golden, file, "out/single/final", both.get(0));
            NDList same = encoder.encode(scope, clip, masks(scope, file, "in/mask_a", "in/mask_c"));
            compare(golden, file, "out/list_same_k", NDArrays.concat(same, 0));
            compare(
                    golden,
                    file,
                    "out/unsorted",
                    encoder.encode(scope, clip, masks(scope, file, "in/mask_unsorted"))
                            .head());
            compare(golden, file, "out/no_mask", encoder.encode(scope, clip));
        }
    }

    private static void ropeMasked(GoldenCase golden, NDManager scope) throws IOException {
        Safetensors file = golden.tensors();
        Map<String, HostTensor> weights = state(golden.borrowed(V2_WEIGHTS), "weights/encoder/");
        try (VideoEncoder encoder = encoder(golden, golden.config(), weights, scope)) {
            NDArray clip = array(scope, input(file, "in/clip_u8"));
            NDArray brief = array(scope, input(file, "in/clip_short_u8"));
            NDArray wide = array(scope, input(file, "in/clip_nonsquare_u8"));
            NDList both = encoder.encode(scope, clip, masks(scope, file, "in/mask_a", "in/mask_b"));
            compare(golden, file, "out/seq0_mask0", both.get(0));
            compare(golden, file, "out/seq0_mask1", both.get(1));
            NDList first = encoder.encode(scope, brief, masks(scope, file, "in/mask_short"));
            compare(golden, file, "out/seq1_mask0", first.head());
            compare(golden, file, "out/seq0_no_mask", encoder.encode(scope, clip));
            NDList unsorted = encoder.encode(scope, clip, masks(scope, file, "in/mask_unsorted"));
            compare(golden, file, "out/unsorted", unsorted.head());
            compare(golden, file, "out/nonsquare", encoder.encode(scope, wide));
            NDList some = encoder.encode(scope, wide, masks(scope, file, "in/mask_nonsquare"));
            compare(golden, file, "out/nonsquare_masked", some.head());
        }
    }

    private static void variants(GoldenCase golden, NDManager scope) throws IOException {
        Safetensors file = golden.tensors();
        for (Map.Entry<String, JsonNode> variant : golden.config().properties()) {
            String name = variant.getKey();
            try (VideoEncoder encoder =
                    encoder(golden, variant.getValue(), state(file, name + "/weights/encoder/"), scope)) {
                for (String output : names(file, name + "/out/", "")) {
                    compareAny(golden, file, name, output, encoder, scope);
                }
            }
        }
    }

    /** Compares an output with that of the input which has its shape; one of them, where several have it. */
    private static void compareAny(
            GoldenCase golden, Safetensors file, String variant, String output, VideoEncoder encoder, NDManager scope)
            throws IOException {
        String wanted = variant + "/out/" + output;
        AssertionError failure = new AssertionError(wanted + ": want an input that gives its shape, got none");
        for (String input : names(file, variant + "/in/", "")) {
            NDArray clip = array(scope, input(file, variant + "/in/" + input));
            try {
                compare(golden, file, wanted, encoder.encode(scope, clip));
                return;
            } catch (AssertionError e) {
                failure.addSuppressed(e);
            }
        }
        throw failure;
    }

    private static void rotation(GoldenCase golden, NDManager scope) throws IOException {
        Safetensors file = golden.tensors();
        String source = Kernel.text("rope");
        try (Kernel kernel = Kernel.compileText(scope, source, Map.of())) {
            for (JsonNode entry : golden.config().path("entries")) {
                String at = entry.path("index").asText() + "/";
                int width = entry.path("width").asInt();
                NDArray omega = scope.create(Rope.omega(Family.VJEPA2, 3 * width));
                for (String kind : List.of("shared", "per_sample")) {
                    HostTensor places = file.read(at + "in/positions_" + kind);
                    long tokens = entry.path("tokens").asLong();
                    NDArray position = array(scope, places).reshape(-1, 1, tokens, 1);
                    NDArray angle = position.toType(DataType.FLOAT32, false).mul(omega);
                    NDArray turned = kernel.call(scope, "rotate", array(scope, file.read(at + "in/x")), angle)
                            .singletonOrThrow();
                    compare(golden, file, at + "out/" + kind, turned);
                }
            }
        }
    }

    private static void predictorV1(GoldenCase golden, NDManager scope) throws IOException {
        Safetensors file = golden.tensors();
        try (Predictor predictor = predictor(golden, Family.VJEPA1, scope)) {
            for (String i : names(file, "in/context/", "")) {
                NDArray got = predictor.predict(
                        scope,
                        array(scope, file.read("in/context/" + i)),
                        array(scope, file.read("in/context_mask/" + i)),
                        array(scope, file.read("in/target_mask/" + i)),
                        Integer.parseInt(i));
                compare(golden, file, "out/pred/" + i, got);
            }
            NDArray z = array(scope, file.read("in/context/0"));
            NDArray context = array(scope, file.read("in/context_mask/0"));
            NDArray target = array(scope, file.read("in/target_mask/0"));
            compare(golden, file, "out/mask_index_0", predictor.predict(scope, z, context, target, 0));
            compare(golden, file, "out/mask_index_default", predictor.predict(scope, z, context, target, 1));
            NDList stages = predictor.trace(scope, z, context, target, 0);
            for (int i = 0; i < stages.size(); i++) {
                compare(golden, file, "out/first_mask_block" + i, stages.get(i));
            }
        }
    }

    private static void predictorV2(GoldenCase golden, NDManager scope) throws IOException {
        Safetensors file = golden.tensors();
        try (Predictor predictor = predictor(golden, Family.VJEPA2, scope)) {
            for (String name : names(file, "in/", "/context")) {
                NDArray z = array(scope, file.read("in/" + name + "/context"));
                NDArray context = array(scope, file.read("in/" + name + "/context_mask"));
                NDArray target = array(scope, file.read("in/" + name + "/target_mask"));
                // The reference numbers the mask token by clip length, not by mask.
                int index = maskIndex(golden, name);
                compare(golden, file, "out/" + name, predictor.predict(scope, z, context, target, index));
                if (name.equals("seq0_mask0")) {
                    compare(golden, file, "out/default_mask_index", predictor.predict(scope, z, context, target, 1));
                    NDArray all = predictor.predictAll(scope, z, context, target, 0);
                    compare(golden, file, "out/all_tokens_sorted", all);
                }
            }
        }
    }

    /** From {@code seqI_maskJ} it is I; other pairs say it in words. */
    private static int maskIndex(GoldenCase golden, String pair) {
        Matcher sequence = Pattern.compile("seq(\\d+)_mask\\d+").matcher(pair);
        if (sequence.matches()) {
            return Integer.parseInt(sequence.group(1));
        }
        String meaning =
                golden.node().path("tensor_meanings").path("out/" + pair).asText();
        Matcher said = Pattern.compile("mask_index (\\d+)").matcher(meaning);
        assertThat(said.find()).as("mask index of %s", pair).isTrue();
        return Integer.parseInt(said.group(1));
    }

    private static VideoEncoder encoder(
            GoldenCase golden, JsonNode config, Map<String, HostTensor> weights, NDManager scope) {
        Family family = golden.id().startsWith("v1") ? Family.VJEPA1 : Family.VJEPA2;
        return VideoEncoder.load(scope, ConfigJson.encoder(family, config), Precision.FP32, weights);
    }

    private static Predictor predictor(GoldenCase golden, Family family, NDManager scope) throws IOException {
        return Predictor.load(
                scope,
                ConfigJson.encoder(family, golden.config()),
                ConfigJson.predictor(family, golden.config()),
                Precision.FP32,
                state(golden.tensors(), "weights/predictor/"));
    }

    private static void compare(GoldenCase golden, Safetensors file, String name, NDArray got) throws IOException {
        JsonNode tolerance = golden.node().path("tolerance");
        double atol = tolerance.path("suggested_atol").asDouble();
        double rtol = tolerance.path("suggested_rtol").asDouble();
        Closeness.requireClose(golden.id() + " " + name, got, file.read(name), atol, rtol);
    }

    private static NDList masks(NDManager scope, Safetensors file, String... names) throws IOException {
        NDList masks = new NDList();
        for (String name : names) {
            masks.add(array(scope, file.read(name)));
        }
        return masks;
    }

    /** The middles of all tensor names of the form prefix + middle + suffix. */
    private static List<String> names(Safetensors file, String prefix, String suffix) {
        return file.names().stream()
                .filter(n -> n.startsWith(prefix) && n.endsWith(suffix))
                .map(n -> n.substring(prefix.length(), n.length() - suffix.length()))
                .toList();
    }

    private static NDArray array(NDManager scope, HostTensor tensor) {
        return switch (tensor.dtype()) {
            case I64 -> scope.create(LongBuffer.wrap(tensor.longs()), new Shape(tensor.shape()), DataType.INT64);
            case F32 -> scope.create(tensor.floats(), new Shape(tensor.shape()));
            default -> throw new IllegalArgumentException("want int64 or float32, got " + tensor);
        };
    }
}
