package io.jepastream.trainer.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.JsonNode;
import io.jepastream.encoder.golden.Closeness;
import io.jepastream.encoder.golden.Coverage;
import io.jepastream.encoder.golden.Fixtures;
import io.jepastream.encoder.golden.GoldenCase;
import io.jepastream.encoder.tensor.DeviceExecutor;
import io.jepastream.encoder.tensor.HostTensor;
import io.jepastream.encoder.tensor.Safetensors;
import io.jepastream.probeheads.LabelScores;
import io.jepastream.probeheads.ProbeConfig;
import io.jepastream.trainer.eval.ConfusionMatrix;
import io.jepastream.trainer.schedule.Schedule;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The reference's training of probes, step by step: logits, losses, gradients, weights, and multi-view validation. */
@Tag("golden")
final class ProbeRunGoldenTest {
    private static DeviceExecutor device;

    @BeforeAll
    static void startDevice() {
        device = new DeviceExecutor(Device.cpu(), 1);
    }

    @AfterAll
    static void stopDevice() {
        device.close();
    }

    static Stream<GoldenCase> cases() throws IOException {
        return Fixtures.cases().stream().filter(c -> Coverage.PROBE_TRAINING.contains(c.id()));
    }

    @ParameterizedTest(name = "{0}", allowZeroInvocations = true)
    @MethodSource("cases")
    void trainsAsTheReferenceDoes(GoldenCase golden) {
        device.call(scope -> {
            try {
                new Run(golden, scope).check();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return true;
        });
    }

    /** One case: clips of a pool become tokens, tokens train one head or several. */
    private static final class Run {
        private final GoldenCase golden;
        private final NDManager scope;
        private final Safetensors file;
        private final boolean second;
        private final boolean across;
        private final JsonNode expected;
        private final List<NDArray> pool;
        private final int heads;
        private final int epochSteps;

        Run(GoldenCase golden, NDManager scope) throws IOException {
            this.golden = golden;
            this.scope = scope;
            this.file = golden.tensors();
            this.second = golden.id().startsWith("v2");
            JsonNode args = golden.config().path("args");
            this.across =
                    args.path("optimization").path("attend_across_segments").asBoolean(true);
            this.expected = golden.node().path("expected");
            this.pool = GoldenFeatures.of(golden, scope);
            int found = 0;
            while (file.names().contains(prefix(found) + "linear.weight")) {
                found++;
                if (!second) {
                    break;
                }
            }
            this.heads = found;
            int batches = 0;
            while (file.names().contains("step%d/labels".formatted(batches + 1))) {
                batches++;
            }
            this.epochSteps = batches;
            assertThat(heads).isPositive();
            assertThat(epochSteps).isPositive();
        }

        private String prefix(int head) {
            return second ? "init/head%d/".formatted(head) : "init/";
        }

        void check() throws IOException {
            if (file.names().contains("out/features_of_pool0")) {
                HostTensor wanted = file.read("out/features_of_pool0");
                Closeness.requireClose(golden.id() + " features", pool.get(0), wanted, 1e-4, 1e-4);
            }
            List<Map<String, HostTensor>> first = new ArrayList<>();
            for (int i = 0; i < heads; i++) {
                first.add(GoldenCase.state(file, prefix(i)));
            }
            ProbeConfig config = config();
            ProbeStep.Rule rule =
                    new ProbeStep.Rule(second ? 0 : 1, second, 0, Collections.nCopies(config.numClasses(), 1.0));
            try (ProbeStep step = new ProbeStep(scope.newSubManager(), config, rule, first)) {
                int total = expected.path("steps").size();
                for (int number = 1; number <= total; number++) {
                    step(step, number, total);
                    if (number % epochSteps == 0) {
                        validate(step, number / epochSteps, number == total);
                    }
                }
                for (JsonNode name : expected.path("parameters_unchanged_by_training")) {
                    HostTensor still = step.state(0).get(name.asText());
                    HostTensor start = first.get(0).get(name.asText());
                    assertThat(still).isNotNull();
                    assertThat(start).isNotNull();
                    assertThat(still.floats()).isEqualTo(start.floats());
                }
            }
        }

        private ProbeConfig config() {
            JsonNode c = golden.config().path("classifier_constructor");
            return new ProbeConfig(
                    second ? ProbeConfig.Kind.ATTENTIVE_V2 : ProbeConfig.Kind.ATTENTIVE_V1,
                    c.path("embed_dim").asInt(),
                    c.path("num_heads").asInt(),
                    c.path("mlp_ratio").asDouble(4),
                    c.path("depth").asInt(),
                    c.path("num_classes").asInt(),
                    c.path("norm_eps").asDouble(1e-5));
        }

        private void step(ProbeStep step, int number, int total) throws IOException {
            JsonNode wanted = expected.path("steps").path(number - 1);
            int batch = wanted.path("batch_of_step").asInt((number - 1) % epochSteps + 1);
            List<NDArray> outputs = outputs("step%d/".formatted(batch));
            int[] labels = labels("step%d/".formatted(batch), outputs.size());
            NDArray tokens = NDArrays.concat(new NDList(outputs), 0);
            if (number == 1) {
                gradients(step, tokens, labels, outputs.size());
            }
            List<ProbeStep.Hyper> hypers = new ArrayList<>();
            for (int head = 0; head < heads; head++) {
                JsonNode own = second ? wanted.path("heads").path(head) : wanted;
                ProbeStep.Hyper hyper = hyper(head, number, total);
                close("rate", hyper.learningRate(), own.path("lr"), 1e-9);
                close("decay", hyper.weightDecay(), own.path("weight_decay"), 1e-9);
                hypers.add(hyper);
            }
            List<ProbeStep.Outcome> all = step.step(scope, tokens, labels, hypers);
            for (int head = 0; head < heads; head++) {
                JsonNode own = second ? wanted.path("heads").path(head) : wanted;
                logits(number, head, all.get(head).logits(), outputs.size());
                double loss = golden.node()
                        .path("tolerance")
                        .path("loss")
                        .path("suggested_rtol")
                        .asDouble();
                close("loss of step " + number, all.get(head).loss(), own.path("loss"), loss);
                if (own.has("grad_norm_before_clipping")) {
                    close("gradient", all.get(head).gradient(), own.path("grad_norm_before_clipping"), 1e-3);
                }
                checksum(own.path("checksum_all_parameters"), step.state(head));
            }
        }

        private ProbeStep.Hyper hyper(int head, int number, int total) {
            JsonNode o = golden.config().path("args");
            o = second
                    ? o.path("experiment")
                            .path("optimization")
                            .path("multihead_kwargs")
                            .path(head)
                    : o.path("optimization");
            double decay = o.path("weight_decay").asDouble();
            Schedule rate = Schedule.warmupCosine(
                    o.path("start_lr").asDouble(),
                    o.path("lr").asDouble(),
                    o.path("final_lr").asDouble(),
                    (long) (o.path("warmup").asDouble() * epochSteps),
                    total);
            // V-JEPA 1's script passes no last decay and so takes the schedule's own.
            double last = o.path("final_weight_decay").asDouble(second ? decay : 1e-6);
            return new ProbeStep.Hyper(
                    rate.at(number), Schedule.cosine(decay, last, total).at(number));
        }

        private void gradients(ProbeStep step, NDArray tokens, int[] labels, int outputs) throws IOException {
            JsonNode tolerance = golden.node().path("tolerance").path("gradients");
            int compared = 0;
            for (int head = 0; head < heads; head++) {
                String at = second ? "step1/grad/head%d/".formatted(head) : "step1/grad_before_clipping/";
                for (Map.Entry<String, NDArray> gradient :
                        step.gradients(scope, head, tokens, labels).entrySet()) {
                    if (file.names().contains(at + gradient.getKey())) {
                        float[] got = gradient.getValue().toFloatArray();
                        for (int i = 0; i < got.length && second; i++) {
                            got[i] *= outputs; // V-JEPA 2 adds the losses of views, V-JEPA 1 takes their mean
                        }
                        Closeness.requireClose(
                                golden.id() + " " + at + gradient.getKey(),
                                got,
                                file.read(at + gradient.getKey()).floats(),
                                tolerance.path("suggested_atol").asDouble(1e-5),
                                tolerance.path("suggested_rtol").asDouble(1e-3));
                        compared++;
                    }
                }
            }
            long recorded = file.names().stream()
                    .filter(n -> n.startsWith("step1/grad"))
                    .count();
            assertThat(compared).isEqualTo((int) recorded).isPositive();
        }

        /** Recorded for every output by V-JEPA 1, for the one view of training by V-JEPA 2. */
        private void logits(int number, int head, NDArray got, int outputs) throws IOException {
            int rows = (int) got.getShape().get(0) / outputs;
            for (int output = 0; output < outputs; output++) {
                String name = second
                        ? "step%d/logits/head%d".formatted(number, head)
                        : "step%d/logits/%d".formatted(number, output);
                NDArray own = got.get("%d:%d".formatted(output * rows, (output + 1) * rows));
                compareLogits(name, own.toFloatArray(), file.read(name).floats());
            }
        }

        private void validate(ProbeStep step, int epoch, boolean last) throws IOException {
            double best = 0;
            for (int head = 0; head < heads; head++) {
                String name = second ? "val/logits/head%d".formatted(head) : "val_epoch%d/logits".formatted(epoch);
                if (second && !last) {
                    continue;
                }
                List<float[]> rows = new ArrayList<>();
                for (NDArray tokens : outputs("val/")) {
                    rows.add(step.logits(scope, head, tokens).toFloatArray());
                }
                float[] all = new float[rows.size() * rows.get(0).length];
                for (int i = 0; i < rows.size(); i++) {
                    System.arraycopy(rows.get(i), 0, all, i * rows.get(i).length, rows.get(i).length);
                }
                compareLogits(name, all, file.read(name).floats());
                best = Math.max(best, top1(means(rows)));
                String mean = "val_epoch%d/mean_probabilities".formatted(epoch);
                if (file.names().contains(mean)) {
                    Closeness.requireClose(
                            golden.id() + " " + mean,
                            means(rows),
                            file.read(mean).floats(),
                            1e-4,
                            1e-4);
                }
            }
        }

        private double top1(float[] probabilities) throws IOException {
            int[] labels = labels("val/", 1);
            ConfusionMatrix matrix = new ConfusionMatrix(Collections.nCopies(config().numClasses(), "class"));
            matrix.add(labels, probabilities);
            return 100 * matrix.accuracy();
        }

        /** Per sample, the mean over outputs of the probabilities: {@code [B, C]}. */
        private float[] means(List<float[]> outputs) {
            int classes = config().numClasses();
            float[] all = new float[outputs.get(0).length];
            for (int at = 0; at < all.length; at += classes) {
                int from = at;
                float[] mean = LabelScores.mean(outputs.stream()
                        .map(logits -> Arrays.copyOfRange(logits, from, from + classes))
                        .toArray(float[][]::new));
                System.arraycopy(mean, 0, all, at, classes);
            }
            return all;
        }

        private void compareLogits(String name, float[] got, float[] wanted) {
            JsonNode tolerance = golden.node().path("tolerance").path("logits");
            Closeness.requireClose(
                    golden.id() + " " + name,
                    got,
                    wanted,
                    tolerance.path("suggested_atol").asDouble(),
                    tolerance.path("suggested_rtol").asDouble());
        }

        /** What the head sees: {@code [B, N, D]} for each view, or each view and segment. */
        private List<NDArray> outputs(String at) throws IOException {
            HostTensor index = file.read(at + "pool_index");
            int segments = (int) index.shape()[0];
            int views = (int) index.shape()[1];
            int batch = (int) index.shape()[2];
            long[] clips = index.longs();
            List<NDArray> outputs = new ArrayList<>();
            for (int view = 0; view < views; view++) {
                NDList parts = new NDList();
                for (int segment = 0; segment < segments; segment++) {
                    NDList rows = new NDList();
                    for (int i = 0; i < batch; i++) {
                        rows.add(pool.get((int) clips[(segment * views + view) * batch + i]));
                    }
                    parts.add(NDArrays.concat(rows, 0));
                }
                if (across) {
                    outputs.add(NDArrays.concat(parts, 1));
                } else {
                    outputs.addAll(parts);
                }
            }
            return outputs;
        }

        private int[] labels(String at, int outputs) throws IOException {
            int[] one = Arrays.stream(file.read(at + "labels").longs())
                    .mapToInt(Math::toIntExact)
                    .toArray();
            int[] all = new int[one.length * outputs];
            for (int i = 0; i < all.length; i++) {
                all[i] = one[i % one.length];
            }
            return all;
        }

        private void checksum(JsonNode wanted, Map<String, HostTensor> state) {
            double[] sums = new double[4];
            int n = 0;
            for (JsonNode name : expected.path("parameter_order")) {
                HostTensor tensor = state.get(name.asText());
                assertThat(tensor).as(name.asText()).isNotNull();
                for (float value : tensor.floats()) {
                    sums[0] += value;
                    sums[1] += Math.abs(value);
                    sums[2] += (double) value * value;
                    sums[3] += value * ((n % 97 - 48) / 48.0);
                    n++;
                }
            }
            assertThat(n).isEqualTo(wanted.path("n").asInt());
            Map<String, Double> named = new LinkedHashMap<>();
            named.put("sum", sums[0]);
            named.put("abs_sum", sums[1]);
            named.put("sq_sum", sums[2]);
            named.put("weighted_sum", sums[3]);
            named.forEach((name, got) ->
                    assertThat(got).as(name).isCloseTo(wanted.path(name).asDouble(), within(1e-4 * sums[1])));
        }
    }

    private static void close(String what, double got, JsonNode wanted, double rtol) {
        assertThat(wanted.isNumber()).as(what).isTrue();
        assertThat(got).as(what).isCloseTo(wanted.asDouble(), within(rtol * Math.abs(wanted.asDouble()) + 1e-15));
    }
}
