package io.jepastream.probeheads;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.jepastream.encoder.TokenHead;
import io.jepastream.encoder.golden.Closeness;
import io.jepastream.encoder.golden.Coverage;
import io.jepastream.encoder.golden.Fixtures;
import io.jepastream.encoder.golden.GoldenCase;
import io.jepastream.encoder.golden.HashFill;
import io.jepastream.encoder.tensor.DeviceExecutor;
import io.jepastream.encoder.tensor.HostTensor;
import io.jepastream.encoder.tensor.Precision;
import io.jepastream.encoder.tensor.Safetensors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("golden")
final class ProbeGoldenTest {
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
        return Fixtures.cases().stream().filter(c -> Coverage.PROBE_HEADS.contains(c.id()));
    }

    @ParameterizedTest(name = "{0}", allowZeroInvocations = true) // a set of V-JEPA 2.1 alone has none
    @MethodSource("cases")
    void matchesTheReference(GoldenCase golden) {
        int compared = device.call(scope -> {
            try {
                return check(golden, scope);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        assertThat(compared).isPositive();
    }

    /** The hash-filled models; the tokens are what the reference's encoder gave. */
    @ParameterizedTest
    @CsvSource({"v1,1", "v1,2", "v2,4"})
    void hashFilledProbes_matchTheReference(String generation, int depth) throws IOException {
        Path file = Fixtures.directory().resolve("golden_" + generation + ".json");
        if (Files.exists(file)) { // the copy in the test resources goes without
            JsonNode golden = new ObjectMapper().readTree(file.toFile());
            ProbeConfig.Kind kind =
                    generation.equals("v1") ? ProbeConfig.Kind.ATTENTIVE_V1 : ProbeConfig.Kind.ATTENTIVE_V2;
            ProbeConfig config = new ProbeConfig(kind, 64, 4, 4, depth, 5, 1e-5);
            JsonNode order = golden.path("meta").path("order_probe_depth" + depth);
            Map<String, HostTensor> state = HashFill.state(Probe.shapes(config, 1), order);
            float[] logits = device.call(scope -> {
                try (Probe probe = Probe.load(scope, config, Precision.FP32, state, generation)) {
                    NDArray tokens = scope.create(values(golden.path("encoder")), new Shape(2, 32, 64));
                    return probe.read(scope, tokens).logits().toFloatArray();
                }
            });
            float[] wanted = values(golden.path("probe_depth" + depth));
            Closeness.requireClose("hash-filled %s probe %d".formatted(generation, depth), logits, wanted, 2e-5, 1e-4);
        }
    }

    private static float[] values(JsonNode tensor) {
        float[] values = new float[tensor.path("data").size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) tensor.path("data").get(i).asDouble();
        }
        return values;
    }

    private static int check(GoldenCase golden, NDManager scope) throws IOException {
        Safetensors file = golden.tensors();
        boolean first = golden.id().startsWith("v1");
        ProbeConfig.Kind kind = first ? ProbeConfig.Kind.ATTENTIVE_V1 : ProbeConfig.Kind.ATTENTIVE_V2;
        JsonNode classifier = first ? golden.config().path("classifier") : golden.config();
        HostTensor in = file.read("in/tokens");
        NDArray tokens = scope.create(in.floats(), new Shape(in.shape()));
        ProbeConfig config = config(kind, classifier);
        try (Probe probe = Probe.load(scope, config, Precision.FP32, file.readAll("weights/"), golden.id())) {
            TokenHead.Output out = probe.read(scope, tokens);
            compare(golden, file, "out/logits", out.logits());
            compare(golden, file, "out/pooled", out.pooled());
            try (Probe fast = Probe.load(scope, config, Precision.BF16, file.readAll("weights/"), golden.id())) {
                double off = relative(fast.read(scope, tokens).logits(), out.logits());
                System.out.printf("golden %s in bf16: %.2e of fp32%n", golden.id(), off);
                assertThat(off).isBetween(1e-7, 2e-2);
            }
        }
        int poolers = 0;
        for (JsonNode pooler : golden.config().path("poolers")) {
            String at = "pooler" + poolers++ + "/";
            try (Probe probe =
                    Probe.load(scope, config(kind, pooler), Precision.FP32, classified(file, at, pooler), at)) {
                compare(golden, file, at + "out", probe.read(scope, tokens).pooled());
            }
        }
        return poolers + 1;
    }

    /** Length of the difference over length of the wanted. */
    private static double relative(NDArray got, NDArray wanted) {
        NDArray difference = got.sub(wanted);
        return Math.sqrt(difference.mul(difference).sum().getFloat()
                / wanted.mul(wanted).sum().getFloat());
    }

    /** A pooler's own tensors, with a classifier that plays no part. */
    private static Map<String, HostTensor> classified(Safetensors file, String at, JsonNode pooler) throws IOException {
        Map<String, HostTensor> state = new LinkedHashMap<>();
        file.readAll(at + "weights/").forEach((name, tensor) -> state.put("pooler." + name, tensor));
        int dim = pooler.path("embed_dim").asInt();
        state.put("linear.weight", HostTensor.of(new float[2 * dim], 2, dim));
        state.put("linear.bias", HostTensor.of(new float[2], 2));
        return state;
    }

    private static ProbeConfig config(ProbeConfig.Kind kind, JsonNode node) {
        return new ProbeConfig(
                kind,
                node.path("embed_dim").asInt(),
                node.path("num_heads").asInt(),
                node.path("mlp_ratio").asDouble(),
                node.path("depth").asInt(),
                node.path("num_classes").asInt(2),
                node.path("norm_eps").asDouble(),
                node.path("complete_block").asBoolean(true),
                List.of());
    }

    private static void compare(GoldenCase golden, Safetensors file, String name, NDArray got) throws IOException {
        JsonNode tolerance = golden.node().path("tolerance").path("outputs");
        double atol = tolerance.path("suggested_atol").asDouble();
        double rtol = tolerance.path("suggested_rtol").asDouble();
        Closeness.requireClose(golden.id() + " " + name, got, file.read(name), atol, rtol);
    }
}
