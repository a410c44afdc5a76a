package io.jepastream.trainer.pretrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import io.jepastream.encoder.golden.Closeness;
import io.jepastream.encoder.golden.GoldenCase;
import io.jepastream.encoder.tensor.HostTensor;
import io.jepastream.encoder.tensor.Kernel;
import io.jepastream.encoder.tensor.Safetensors;
import io.jepastream.trainer.schedule.Schedule;
import java.io.IOException;
import java.nio.LongBuffer;
import java.util.Map;

/** V-JEPA 2.1's dense loss on recorded predictions. */
final class DenseLossGolden {
    private static final double ATOL = 5e-5;
    private static final double RTOL = 2e-4;

    private DenseLossGolden() {}

    static void check(GoldenCase golden, NDManager scope) throws IOException {
        for (Map.Entry<String, JsonNode> kind : golden.node().path("expected").properties()) {
            if (kind.getKey().equals("lambda_schedule")) {
                ramp(kind.getValue());
            } else {
                terms(golden, kind.getKey(), kind.getValue(), scope);
            }
        }
    }

    private static void ramp(JsonNode wanted) {
        Schedule ramp = Schedule.ramp(
                wanted.path("lambda_value").asDouble(),
                wanted.path("start_iter").asLong(),
                wanted.path("end_iter").asLong());
        assertThat(wanted.path("values")).isNotEmpty();
        wanted.path("values")
                .properties()
                .forEach(value -> assertThat(ramp.at(1 + Long.parseLong(value.getKey())))
                        .isCloseTo(value.getValue().asDouble(), within(1e-12)));
    }

    private static void terms(GoldenCase golden, String kind, JsonNode wanted, NDManager scope) throws IOException {
        Safetensors file = golden.tensors();
        int grid = golden.config().path("grid_rows_columns").path(kind).asInt();
        double prediction = 0;
        double weighted = 0;
        double plain = 0;
        try (Kernel near = kernel(golden, grid, true, scope);
                Kernel all = kernel(golden, grid, false, scope)) {
            for (JsonNode pair : wanted.path("pairs")) {
                String mask = "in/%s/%s/".formatted(kind, pair.path("pair").asText());
                String sequence = mask.replaceFirst("mask\\d+/$", "");
                NDArray h = near.call(scope, "targets", floats(scope, file.read(sequence + "target_levels")))
                        .head();
                compare(file, sequence.replace("in/", "out/") + "target_normalized", h);
                NDArray context = ids(scope, file.read(mask + "context_mask"));
                NDArray target = ids(scope, file.read(mask + "target_mask"));
                NDArray distance =
                        near.call(scope, "root_distance", context, target).head();
                compare(file, mask.replace("in/", "out/") + "sqrt_distance", distance.squeeze(-1));
                NDArray guess = floats(scope, file.read(mask + "predicted_target"));
                NDArray seen = floats(scope, file.read(mask + "predicted_context"));
                double term = near.call(scope, "prediction_term", guess, h, target)
                        .head()
                        .getFloat();
                double close = near.call(scope, "context_term", seen, h, context, target)
                        .head()
                        .getFloat();
                double any = all.call(scope, "context_term", seen, h, context, target)
                        .head()
                        .getFloat();
                near("prediction", term, pair.path("prediction_term"));
                near("context, weighted", close, pair.path("context_term_weighted"));
                near("context", any, pair.path("context_term_unweighted"));
                int pairs = wanted.path("pairs").size();
                prediction += term / pairs;
                weighted += close / pairs;
                plain += any / pairs;
            }
        }
        double lambda = wanted.path("lambda").asDouble();
        near("prediction loss", prediction, wanted.path("loss_pred"));
        near("weighted loss", prediction + lambda * weighted, wanted.path("loss_total_weighted"));
        near("unweighted loss", prediction + lambda * plain, wanted.path("loss_total_unweighted"));
    }

    /** Only the loss of the pretraining kernel, for any grid. */
    private static Kernel kernel(GoldenCase golden, int grid, boolean weigh, NDManager scope) {
        String text = Kernel.text("pretrain");
        String loss = text.substring(text.indexOf("def targets("), text.indexOf("def losses("));
        String pick = Kernel.text("transformer");
        double exponent = golden.config().path("loss_exp").asDouble();
        return Kernel.compileText(
                scope,
                loss + pick.substring(pick.indexOf("def pick(")),
                Map.of(
                        "target_levels", golden.config().path("levels").asInt(),
                        "grid", grid,
                        "weigh_distance", weigh,
                        "power", exponent != 1,
                        "loss_exp", exponent));
    }

    private static void near(String what, double got, JsonNode wanted) {
        assertThat(wanted.isNumber()).as(what).isTrue();
        assertThat(got).as(what).isCloseTo(wanted.asDouble(), within(ATOL + RTOL * wanted.asDouble()));
    }

    private static void compare(Safetensors file, String name, NDArray got) throws IOException {
        Closeness.requireClose(name, got, file.read(name), ATOL, RTOL);
    }

    private static NDArray floats(NDManager scope, HostTensor tensor) {
        return scope.create(tensor.floats(), new Shape(tensor.shape()));
    }

    private static NDArray ids(NDManager scope, HostTensor mask) {
        return scope.create(LongBuffer.wrap(mask.longs()), new Shape(mask.shape()), DataType.INT64);
    }
}
