package io.jepastream.trainer.pretrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jepastream.encoder.EncoderConfig;
import io.jepastream.encoder.ModelBundle;
import io.jepastream.encoder.PredictorConfig;
import io.jepastream.encoder.golden.Closeness;
import io.jepastream.encoder.golden.GoldenCase;
import io.jepastream.encoder.tensor.HostTensor;
import io.jepastream.encoder.tensor.Precision;
import io.jepastream.encoder.tensor.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** The models of the training cases, and how their gradients and weights are compared. */
final class GoldenModel {
    private static final double SURE = 1e-5; // gradients above this have a sign that rounding does not change

    private GoldenModel() {}

    /** Encoder and predictor as the case says them. */
    static ModelBundle.Architecture architecture(GoldenCase golden) throws IOException {
        ObjectNode encoder = golden.config().path("encoder_constructor").deepCopy();
        ObjectNode predictor = golden.config().path("predictor_constructor").deepCopy();
        predictor.set("embed_dim", encoder.path("embed_dim"));
        JsonNode args = golden.config().path("args").path("model");
        if (golden.node().path("family").asText().equals("vjepa2.1")) {
            for (String field : new String[] {"interpolate_rope", "modality_embedding", "img_temporal_dim_size"}) {
                encoder.set(field, args.path(field));
                predictor.set(field, args.path(field));
            }
            encoder.set("n_output_distillation", predictor.path("levels"));
            predictor.set("n_output_distillation", predictor.path("levels"));
            encoder.put("use_rope", true);
            predictor.put("use_rope", true);
        }
        ObjectNode both = new ObjectMapper().createObjectNode();
        both.set("family", golden.node().path("family"));
        both.set("encoder", encoder);
        both.set("predictor", predictor);
        Path json = Files.createTempFile("golden", ".json");
        try {
            Files.writeString(json, both.toString());
            return ModelBundle.architecture(json);
        } finally {
            Files.delete(json);
        }
    }

    static PretrainStep open(GoldenCase golden, Safetensors file, String init, NDManager scope) throws IOException {
        ModelBundle.Architecture architecture = architecture(golden);
        EncoderConfig encoderConfig = architecture.encoder();
        PredictorConfig predictorConfig = architecture.predictor().orElseThrow();
        JsonNode loss = golden.config().path("args").path("loss");
        Objective objective = new Objective(
                loss.path("loss_exp").asDouble(1),
                loss.path("reg_coeff").asDouble(0),
                0,
                loss.path("weight_distance_loss").asBoolean(false),
                false,
                false);
        TrainingState state = TrainingState.fresh(
                GoldenCase.state(file, init + "encoder/"), GoldenCase.state(file, init + "predictor/"));
        return new PretrainStep(scope, encoderConfig, predictorConfig, objective, Precision.FP32, state);
    }

    /** Every recorded gradient; the key third of qkv biases is rounding noise around zero. */
    static void requireGradients(
            GoldenCase golden, Safetensors file, String prefix, Map<String, HostTensor> gradients) {
        int compared = 0;
        for (String name : file.names()) {
            if (name.startsWith(prefix)) {
                HostTensor got = gradients.get(name.substring(prefix.length()));
                assertThat(got).as(name).isNotNull();
                try {
                    float[] wanted = file.read(name).floats();
                    float[] values = got.floats();
                    if (name.endsWith("attn.qkv.bias")) {
                        for (int i = values.length / 3; i < 2 * values.length / 3; i++) {
                            values[i] = wanted[i];
                        }
                    }
                    Closeness.requireClose(golden.id() + " " + name, values, wanted, 1e-6, 1e-3);
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
                compared++;
            }
        }
        assertThat(compared).isPositive();
    }

    /** Weights after one step: exact where the gradient's sign is certain, else within two steps of the rate. */
    static void requireWeights(
            Safetensors file, String prefix, Map<String, HostTensor> gradients, TrainingState state, double lr)
            throws IOException {
        int compared = 0;
        for (String name : file.names()) {
            if (name.startsWith(prefix)) {
                String own = name.substring(prefix.length());
                float[] wanted = file.read(name).floats();
                float[] got = find(state, own).floats();
                float[] gradient = gradients
                        .get(own.replaceFirst("^target(_encoder)?/", "encoder/"))
                        .floats();
                for (int i = 0; i < got.length; i++) {
                    double allowed = Math.abs(gradient[i]) > SURE ? 2e-6 : 2 * lr;
                    assertThat((double) got[i]).as("%s at %d", name, i).isCloseTo(wanted[i], within(allowed));
                }
                compared++;
            }
        }
        assertThat(compared).isPositive();
    }

    /** Weights after several steps, at the tolerance of the case; key biases drift by rounding. */
    static void requireLooseWeights(GoldenCase golden, Safetensors file, String prefix, TrainingState state, double lr)
            throws IOException {
        JsonNode tolerance = golden.node().path("tolerance");
        double atol = tolerance.path("suggested_atol").asDouble(5e-5);
        double rtol = tolerance.path("suggested_rtol").asDouble(2e-4);
        int compared = 0;
        for (String name : file.names()) {
            if (name.startsWith(prefix)) {
                float[] wanted = file.read(name).floats();
                float[] got = find(state, name.substring(prefix.length())).floats();
                boolean drifts = name.endsWith("attn.qkv.bias");
                Closeness.requireClose(golden.id() + " " + name, got, wanted, drifts ? 2 * lr : atol, rtol);
                compared++;
            }
        }
        assertThat(compared).isPositive();
    }

    private static HostTensor find(TrainingState state, String name) {
        int cut = name.indexOf('/');
        Map<String, HostTensor> model = switch (name.substring(0, cut)) {
            case "encoder" -> state.encoder();
            case "predictor" -> state.predictor();
            default -> state.target();
        };
        HostTensor tensor = model.get(name.substring(cut + 1));
        assertThat(tensor).as(name).isNotNull();
        return tensor;
    }

    /** Sums over all weights of a model, position tables included. */
    static void requireChecksums(JsonNode wanted, TrainingState state) {
        checksum(wanted.path("encoder"), state.encoder());
        checksum(wanted.path("predictor"), state.predictor());
        checksum(wanted.path("target"), state.target());
    }

    private static void checksum(JsonNode wanted, Map<String, HostTensor> weights) {
        double absolute = 0;
        double squares = 0;
        int count = 0;
        for (HostTensor tensor : weights.values()) {
            for (float value : tensor.floats()) {
                absolute += Math.abs(value);
                squares += (double) value * value;
                count++;
            }
        }
        assertThat(count).isEqualTo(wanted.path("n").asInt());
        assertThat(absolute).isCloseTo(wanted.path("abs_sum").asDouble(), within(1e-3 * absolute));
        assertThat(squares).isCloseTo(wanted.path("sq_sum").asDouble(), within(1e-3 * squares));
    }
}
