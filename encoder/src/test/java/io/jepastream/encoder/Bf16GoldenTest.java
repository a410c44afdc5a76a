package io.jepastream.encoder;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.jepastream.encoder.golden.Fixtures;
import io.jepastream.encoder.golden.GoldenCase;
import io.jepastream.encoder.tensor.DeviceExecutor;
import io.jepastream.encoder.tensor.HostTensor;
import io.jepastream.encoder.tensor.Precision;
import io.jepastream.encoder.tensor.Safetensors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.LongBuffer;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** In bfloat16 the same inputs give what they give in float32, to two percent of its size. */
@Tag("golden")
final class Bf16GoldenTest {
    private static final double MOST = 2e-2;
    private static final Set<String> ENCODERS = Set.of("v1_encoder_video", "v2_encoder_rope", "v21_encoder");
    private static final Set<String> PREDICTORS = Set.of("v1_predictor", "v2_predictor_rope");

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
        return Fixtures.cases().stream().filter(c -> ENCODERS.contains(c.id()) || PREDICTORS.contains(c.id()));
    }

    @ParameterizedTest(name = "{0}", allowZeroInvocations = true)
    @MethodSource("cases")
    void staysWithinTwoPercentOfFp32(GoldenCase golden) {
        double difference = device.call(scope -> {
            try {
                return relative(run(golden, Precision.BF16, scope), run(golden, Precision.FP32, scope));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        System.out.printf("golden %s in bf16: %.2e of fp32%n", golden.id(), difference);
        assertThat(difference).isBetween(1e-7, MOST);
    }

    private static float[] run(GoldenCase golden, Precision precision, NDManager scope) throws IOException {
        return PREDICTORS.contains(golden.id()) ? predict(golden, precision, scope) : encode(golden, precision, scope);
    }

    private static float[] encode(GoldenCase golden, Precision precision, NDManager scope) throws IOException {
        Safetensors file = golden.tensors();
        Map<String, HostTensor> state = GoldenCase.state(file, "weights/encoder/");
        EncoderConfig config = ConfigJson.encoder(family(golden), golden.config());
        try (VideoEncoder encoder = VideoEncoder.load(scope, config, precision, state)) {
            String name = file.names().contains("in/clip_u8") ? "in/clip_u8" : "in/video_u8";
            HostTensor clip = GoldenCase.input(file, name);
            return encoder.encode(scope, scope.create(clip.floats(), new Shape(clip.shape())))
                    .toFloatArray();
        }
    }

    private static float[] predict(GoldenCase golden, Precision precision, NDManager scope) throws IOException {
        Safetensors file = golden.tensors();
        String at = file.names().contains("in/context/0") ? "in/%s/0" : "in/seq0_mask0/%s";
        Map<String, HostTensor> state = GoldenCase.state(file, "weights/predictor/");
        EncoderConfig encoder = ConfigJson.encoder(family(golden), golden.config());
        PredictorConfig config = ConfigJson.predictor(family(golden), golden.config());
        try (Predictor predictor = Predictor.load(scope, encoder, config, precision, state)) {
            HostTensor context = file.read(at.formatted("context"));
            NDArray tokens = scope.create(context.floats(), new Shape(context.shape()));
            NDArray contextIds = ids(scope, file.read(at.formatted("context_mask")));
            NDArray targetIds = ids(scope, file.read(at.formatted("target_mask")));
            return predictor.predict(scope, tokens, contextIds, targetIds, 0).toFloatArray();
        }
    }

    private static NDArray ids(NDManager scope, HostTensor mask) {
        return scope.create(LongBuffer.wrap(mask.longs()), new Shape(mask.shape()), DataType.INT64);
    }

    private static Family family(GoldenCase golden) {
        return Family.named(golden.node().path("family").asText());
    }

    /** Length of the difference over length of the wanted. */
    private static double relative(float[] got, float[] wanted) {
        double difference = 0;
        double size = 0;
        for (int i = 0; i < wanted.length; i++) {
            difference += Math.pow(got[i] - wanted[i], 2);
            size += Math.pow(wanted[i], 2);
        }
        return Math.sqrt(difference / size);
    }
}
