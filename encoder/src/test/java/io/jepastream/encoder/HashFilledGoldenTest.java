package io.jepastream.encoder;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.jepastream.encoder.golden.Closeness;
import io.jepastream.encoder.golden.Fixtures;
import io.jepastream.encoder.golden.HashFill;
import io.jepastream.encoder.tensor.DeviceExecutor;
import io.jepastream.encoder.tensor.HostTensor;
import io.jepastream.encoder.tensor.Precision;
import java.io.IOException;
import java.nio.LongBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The tiny model whose every weight is a hash of its index. */
@Tag("golden")
final class HashFilledGoldenTest {
    private static final double ATOL = 1e-5;
    private static final double RTOL = 1e-4;
    private static final double INPUT_SCALE = 2;
    private static DeviceExecutor device;

    @BeforeAll
    static void startDevice() {
        device = new DeviceExecutor(Device.cpu(), 0);
    }

    @AfterAll
    static void stopDevice() {
        device.close();
    }

    static Stream<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(Fixtures.directory())) {
            return files
                    .filter(f -> f.getFileName().toString().matches("golden_v[12]\\.json"))
                    .sorted()
                    .toList()
                    .stream();
        }
    }

    @ParameterizedTest(name = "{0}", allowZeroInvocations = true) // the copy in the test resources goes without
    @MethodSource("files")
    void matchesTheReference(Path file) throws IOException {
        JsonNode golden = new ObjectMapper().readTree(file.toFile());
        Family family = file.toString().endsWith("golden_v1.json") ? Family.VJEPA1 : Family.VJEPA2;
        int quantities = device.call(scope -> {
            check(golden, family, scope);
            return golden.size();
        });
        assertThat(quantities).isGreaterThan(5);
    }

    private static void check(JsonNode golden, Family family, NDManager scope) {
        EncoderConfig config = config(family, false);
        JsonNode meta = golden.path("meta");
        try (VideoEncoder encoder = encoder(scope, config, meta.path("order_encoder"));
                Predictor predictor = predictor(scope, config, meta.path("order_predictor"))) {
            NDArray x = input(scope, meta, "x");
            NDList stages = encoder.trace(scope, x);
            compareIfThere(golden, "patch", stages.get(0));
            compareIfThere(golden, "block0", stages.get(2));
            compareIfThere(golden, "encoder", encoder.encode(scope, x));
            compareIfThere(golden, "pos_embed", encoder.positionsFor(x));
            masked(golden, family, scope, encoder, predictor, x);
            if (family == Family.VJEPA1) {
                NDArray big = input(scope, meta, "interp");
                compareIfThere(golden, "interp_pos", encoder.positionsFor(big));
                compareIfThere(golden, "interp_enc", encoder.encode(scope, big));
                NDArray still = input(scope, meta, "image").expandDims(2).repeat(2, config.numFrames());
                compareIfThere(golden, "image_repeat", encoder.encode(scope, still));
            } else {
                compareIfThere(golden, "nonsquare", encoder.encode(scope, input(scope, meta, "nonsquare")));
                try (VideoEncoder gated = encoder(scope, config(family, true), meta.path("order_swiglu_encoder"))) {
                    compareIfThere(golden, "swiglu", gated.encode(scope, x));
                }
            }
        }
    }

    private static void masked(
            JsonNode golden, Family family, NDManager scope, VideoEncoder encoder, Predictor predictor, NDArray x) {
        NDArray[] context = {ids(scope, golden, "masks_enc", 0), ids(scope, golden, "masks_enc", 1)};
        NDArray[] target = {ids(scope, golden, "masks_pred", 0), ids(scope, golden, "masks_pred", 1)};
        NDList z = encoder.encode(scope, x, new NDList(context));
        for (int i = 0; i < 2; i++) {
            compareIfThere(golden, "z" + i, z.get(i));
            int index = family == Family.VJEPA1 ? i : 0;
            compareIfThere(golden, "p" + i, predictor.predict(scope, z.get(i), context[i], target[i], index));
        }
        compareIfThere(golden, "pred_mask1_index1", predictor.predict(scope, z.get(1), context[1], target[1], 1));
    }

    private static EncoderConfig config(Family family, boolean gated) {
        return EncoderConfig.builder(family)
                .imgSize(16)
                .patchSize(4)
                .numFrames(4)
                .embedDim(64)
                .depth(2)
                .numHeads(4)
                .silu(gated, true)
                .build();
    }

    private static VideoEncoder encoder(NDManager scope, EncoderConfig config, JsonNode order) {
        Map<String, HostTensor> state = HashFill.state(VideoEncoder.shapes(config), order);
        SinCos.Grid grid = new SinCos.Grid(config.gridTime(), config.gridHeight(), config.gridWidth());
        if (!config.useRope()) {
            state.put("pos_embed", HostTensor.of(SinCos.table3d(64, grid, true), 1, grid.tokens(), 64));
        }
        return VideoEncoder.load(scope, config, Precision.FP32, state);
    }

    private static Predictor predictor(NDManager scope, EncoderConfig encoder, JsonNode order) {
        boolean first = encoder.family() == Family.VJEPA1;
        PredictorConfig config =
                new PredictorConfig(64, 32, 2, 2, 4, first ? 2 : 4, true, !first, first, false, true, 1e-6);
        Map<String, HostTensor> state = HashFill.state(Predictor.shapes(encoder, config), order);
        SinCos.Grid grid = new SinCos.Grid(encoder.gridTime(), encoder.gridHeight(), encoder.gridWidth());
        if (first) {
            state.put("predictor_pos_embed", HostTensor.of(SinCos.table3d(32, grid, true), 1, grid.tokens(), 32));
        }
        return Predictor.load(scope, encoder, config, Precision.FP32, state);
    }

    private static NDArray input(NDManager scope, JsonNode meta, String name) {
        JsonNode input = meta.path("inputs").path(name);
        long[] sides = new long[input.path("shape").size()];
        for (int i = 0; i < sides.length; i++) {
            sides[i] = input.path("shape").get(i).asLong();
        }
        Shape shape = new Shape(sides);
        return scope.create(
                HashFill.values((int) shape.size(), input.path("input_j").asInt(), INPUT_SCALE, 0), shape);
    }

    private static NDArray ids(NDManager scope, JsonNode golden, String name, int index) {
        JsonNode rows = golden.path("meta").path(name).path(index);
        long[] ids = new long[rows.size() * rows.path(0).size()];
        for (int i = 0; i < ids.length; i++) {
            int columns = rows.path(0).size();
            ids[i] = rows.path(Math.floorDiv(i, columns)).path(i % columns).asLong();
        }
        return scope.create(
                LongBuffer.wrap(ids), new Shape(rows.size(), rows.path(0).size()), DataType.INT64);
    }

    private static void compareIfThere(JsonNode golden, String name, NDArray got) {
        if (!golden.has(name)) {
            return; // each generation's file holds a few quantities of its own
        }
        JsonNode data = golden.path(name).path("data");
        float[] wanted = new float[data.size()];
        for (int i = 0; i < wanted.length; i++) {
            wanted[i] = (float) data.get(i).asDouble();
        }
        Closeness.requireClose("hash-filled " + name, got.toFloatArray(), wanted, ATOL, RTOL);
    }
}
