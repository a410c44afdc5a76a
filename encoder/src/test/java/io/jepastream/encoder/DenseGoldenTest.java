package io.jepastream.encoder;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jepastream.encoder.golden.Coverage;
import io.jepastream.encoder.golden.DenseComparison;
import io.jepastream.encoder.golden.Fixtures;
import io.jepastream.encoder.golden.GoldenCase;
import io.jepastream.encoder.tensor.DeviceExecutor;
import io.jepastream.encoder.tensor.HostTensor;
import io.jepastream.encoder.tensor.Precision;
import io.jepastream.encoder.tensor.Safetensors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * V-JEPA 2.1 against its reference. What to run is read off the names of the recorded outputs, so that any set of the
 * same cases will do.
 */
@Tag("golden")
final class DenseGoldenTest {
    private static final String WEIGHTS = "v21_encoder.safetensors";
    private static final Pattern MASKED = Pattern.compile("masked(_unsorted)?(_hierarchical)?");
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

    /** One entry of a case's configuration; a case without entries is one of its own. */
    private record Entry(GoldenCase golden, String name) {
        @Override
        public String toString() {
            return name.isEmpty() ? golden.id() : golden.id() + " " + name;
        }
    }

    static Stream<Entry> entries() throws IOException {
        List<Entry> entries = new ArrayList<>();
        for (GoldenCase golden : Fixtures.cases()) {
            if (Coverage.DENSE.contains(golden.id())) {
                JsonNode named = switch (golden.id()) {
                    case "v21_encoder_variants" -> golden.config().path("changes_per_variant");
                    case "v21_predictor", "v21_checkpoint" -> golden.config();
                    default -> golden.node().path("no entries");
                };
                named.properties().forEach(entry -> entries.add(new Entry(golden, entry.getKey())));
                if (named.isMissingNode()) {
                    entries.add(new Entry(golden, ""));
                }
            }
        }
        return entries.stream();
    }

    @ParameterizedTest(name = "{0}", allowZeroInvocations = true) // a set of V-JEPA 1 and 2 alone has none of these
    @MethodSource("entries")
    void matchesTheReference(Entry entry) {
        device.call(scope -> {
            try {
                check(entry, scope);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return true;
        });
    }

    private void check(Entry entry, NDManager scope) throws IOException {
        GoldenCase golden = entry.golden();
        switch (golden.id()) {
            case "v21_rope_rotation" -> rotation(golden, new DenseComparison(golden, golden.tensors(), scope), scope);
            case "v21_encoder" -> encoder(golden, new DenseComparison(golden, golden.tensors(), scope), scope);
            case "v21_encoder_variants" -> variant(entry, new DenseComparison(golden, golden.tensors(), scope), scope);
            case "v21_predictor" -> predictor(entry, new DenseComparison(golden, golden.tensors(), scope), scope);
            case "v21_checkpoint" -> new DenseCheckpointGolden(golden, entry.name(), scratch).check(scope);
            default -> throw new AssertionError("case %s is covered by no test".formatted(golden.id()));
        }
    }

    private static void rotation(GoldenCase golden, DenseComparison files, NDManager scope) throws IOException {
        int width = golden.config().path("slice_width").asInt();
        try (RopeHarness rope = new RopeHarness(scope)) {
            NDArray omega = scope.create(Rope.omega(Family.VJEPA21, 3 * width));
            NDArray position = files.input("in/positions").reshape(1, 1, -1, 1);
            files.compare("out/rotated", rope.rotate(files.input("in/x"), position.mul(omega)));
            for (Map.Entry<String, JsonNode> named :
                    golden.config().path("grids").properties()) {
                JsonNode grid = named.getValue();
                boolean interpolate = grid.path("interpolate_rope").asBoolean();
                NDArray places = rope.places(
                        grid.path("tubelets").asInt(),
                        grid.path("rows").asInt(),
                        grid.path("columns").asInt(),
                        Rope.span(interpolate, grid.path("patch_size").asInt()));
                String[] axes = {"time", "row", "column"};
                for (int axis = 0; axis < axes.length; axis++) {
                    files.compare("out/" + named.getKey() + "/" + axes[axis], places.get(new NDIndex(":, " + axis)));
                }
            }
        }
        files.requireAll("out/");
    }

    private static void encoder(GoldenCase golden, DenseComparison files, NDManager scope) throws IOException {
        EncoderConfig config = ConfigJson.encoder(Family.VJEPA21, golden.config());
        for (JsonNode block : golden.config().path("level_blocks")) {
            assertThat(config.levelBlocks()).contains(block.asInt());
        }
        try (VideoEncoder encoder = load(config, GoldenCase.state(files.file(), "weights/encoder/"), scope)) {
            for (String name : files.outputs("out/")) {
                String[] path = name.split("/", -1); // out/INPUT/WHAT
                files.compare(name, output(encoder, files, path[1], path[2], scope));
            }
        }
        files.requireAll("out/");
    }

    private static NDArray output(
            VideoEncoder encoder, DenseComparison files, String input, String what, NDManager scope)
            throws IOException {
        NDArray clip = files.input("in/" + input + "_u8");
        Matcher masked = MASKED.matcher(what);
        if (masked.matches()) {
            String unsorted = masked.group(1) == null ? "" : masked.group(1);
            NDList mask = new NDList(files.input("in/mask_" + input + unsorted));
            boolean wide = masked.group(2) != null;
            return (wide ? encoder.encodeHierarchical(scope, clip, mask) : encoder.encode(scope, clip, mask)).head();
        }
        if (what.startsWith("layer")) {
            return encoder.encodeLevels(scope, clip, number(what)).singletonOrThrow();
        }
        return switch (what) {
            case "final" -> encoder.encode(scope, clip);
            case "hierarchical" -> encoder.encodeHierarchical(scope, clip);
            case "patch_embed" -> encoder.trace(scope, clip).get(0);
            case "block_input" -> encoder.trace(scope, clip).get(1);
            default -> encoder.trace(scope, clip).get(2 + number(what));
        };
    }

    /** The number at the end of {@code block7} or {@code layer7}. */
    private static int number(String what) {
        return Integer.parseInt(what.substring("block".length()));
    }

    private static void variant(Entry entry, DenseComparison files, NDManager scope) throws IOException {
        JsonNode config = entry.golden().config();
        ObjectNode changed = config.path("base").deepCopy();
        changed.setAll((ObjectNode) config.path("changes_per_variant").path(entry.name()));
        EncoderConfig shape = ConfigJson.encoder(Family.VJEPA21, changed);
        Safetensors weights = entry.golden().borrowed(WEIGHTS);
        Map<String, HostTensor> state = GoldenCase.state(weights, "weights/encoder/");
        state.keySet().retainAll(VideoEncoder.shapes(shape).keySet()); // without the modality's vectors if off
        String prefix = "out/" + entry.name() + "/";
        try (VideoEncoder encoder = load(shape, state, scope)) {
            for (String name : files.outputs(prefix)) {
                String what = name.substring(prefix.length());
                boolean training = what.endsWith("_training");
                NDArray clip = files.input("in/" + what.replace("_training", "") + "_u8");
                files.compare(name, training ? encoder.encodeHierarchical(scope, clip) : encoder.encode(scope, clip));
            }
        }
        files.requireAll(prefix);
    }

    private static void predictor(Entry entry, DenseComparison files, NDManager scope) throws IOException {
        JsonNode node = entry.golden().config().path(entry.name());
        PredictorConfig config = ConfigJson.predictor(Family.VJEPA21, node);
        Map<String, HostTensor> state = GoldenCase.state(files.file(), "weights/predictor_" + entry.name() + "/");
        String prefix = "out/" + entry.name() + "/";
        try (Predictor predictor = Predictor.load(scope, gridOf(node), config, Precision.FP32, state)) {
            for (String name : files.outputs(prefix)) {
                DensePredictorCall call = DensePredictorCall.of(entry.golden(), files, name);
                NDArray context = files.input(call.context());
                NDArray contextIds = files.input(call.masks() + "/context_mask");
                NDArray targetIds = files.input(call.masks() + "/target_mask");
                boolean targets = name.endsWith("/target");
                if (config.dense().returnAllTokens()) {
                    NDList both = predictor.predictBoth(
                            scope, context, contextIds, targetIds, call.maskIndex(), call.modality());
                    files.compare(name, both.get(targets ? 0 : 1));
                } else {
                    files.compare(name, predictor.predict(scope, context, contextIds, targetIds, call.maskIndex()));
                }
            }
        }
        files.requireAll(prefix);
    }

    /** An encoder of the grid and width that the predictor was built for; the rest of it does not matter. */
    private static EncoderConfig gridOf(JsonNode predictor) {
        return EncoderConfig.builder(Family.VJEPA21)
                .imgSize(
                        predictor.path("img_size").path(0).asInt(),
                        predictor.path("img_size").path(1).asInt())
                .patchSize(predictor.path("patch_size").asInt())
                .numFrames(predictor.path("num_frames").asInt())
                .tubeletSize(predictor.path("tubelet_size").asInt())
                .embedDim(predictor.path("embed_dim").asInt())
                .numHeads(1)
                .build();
    }

    private static VideoEncoder load(EncoderConfig config, Map<String, HostTensor> state, NDManager scope) {
        return VideoEncoder.load(scope, config, Precision.FP32, state);
    }
}
