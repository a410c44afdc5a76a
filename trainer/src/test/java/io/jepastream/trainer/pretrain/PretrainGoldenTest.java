package io.jepastream.trainer.pretrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.jepastream.encoder.golden.Closeness;
import io.jepastream.encoder.golden.Coverage;
import io.jepastream.encoder.golden.Fixtures;
import io.jepastream.encoder.golden.GoldenCase;
import io.jepastream.encoder.tensor.DeviceExecutor;
import io.jepastream.encoder.tensor.HostTensor;
import io.jepastream.encoder.tensor.Safetensors;
import io.jepastream.trainer.mask.MaskPair;
import io.jepastream.trainer.schedule.Schedule;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The reference's training scripts, step by step: losses, gradients, weights and moving averages. */
@Tag("golden")
final class PretrainGoldenTest {
    private static final String FIRST_STEP = "v1_train_step.safetensors";

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
        return Fixtures.cases().stream().filter(c -> Coverage.PRETRAINING.contains(c.id()));
    }

    @ParameterizedTest(name = "{0}", allowZeroInvocations = true)
    @MethodSource("cases")
    void trainsAsTheReferenceDoes(GoldenCase golden) {
        device.call(scope -> {
            try {
                switch (golden.id()) {
                    case "v1_train_step" -> firstStep(golden, scope);
                    case "v1_train_run" -> runOfV1(golden, scope);
                    case "v2_train_run" -> runOfV2(golden, scope);
                    case "v21_loss" -> DenseLossGolden.check(golden, scope);
                    case "v21_train_run" -> runOfDense(golden, scope);
                    default -> throw new AssertionError("case %s is covered by no test".formatted(golden.id()));
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return true;
        });
    }

    private static void firstStep(GoldenCase golden, NDManager scope) throws IOException {
        Safetensors file = golden.tensors();
        JsonNode expected = golden.node().path("expected");
        try (PretrainStep step = GoldenModel.open(golden, file, "init/", scope)) {
            GoldenClips clips = GoldenClips.of(file, "in/clip_u8/", file, "in/");
            NDArray clip = clips.pixels(scope);
            NDArray features = step.features(scope, clip);
            Closeness.requireClose("v1 target encoder", features, file.read("out/target_encoder"), 2e-5, 1e-4);
            PretrainStep.Loss loss = step.accumulate(scope, clip, clips.masks(), 0, 1, 0);
            close("loss", loss.total(), expected.path("loss"), 1e-5);
            close("prediction loss", loss.prediction(), expected.path("loss_jepa"), 1e-5);
            close("spread loss", loss.spread(), expected.path("loss_reg"), 1e-5);
            Map<String, HostTensor> gradients = step.gradients();
            GoldenModel.requireGradients(golden, file, "grad/", gradients);
            JsonNode c = golden.config().path("step1");
            double lr = c.path("lr").asDouble();
            double decay = c.path("weight_decay").asDouble();
            step.update(
                    scope,
                    new PretrainStep.Hyper(lr, decay, 0, c.path("momentum").asDouble()));
            GoldenModel.requireWeights(file, "after/", gradients, step.state(), lr);
        }
    }

    private static void runOfV1(GoldenCase golden, NDManager scope) throws IOException {
        Safetensors init = golden.borrowed(FIRST_STEP);
        Safetensors file = golden.tensors();
        JsonNode steps = new ObjectMapper()
                .readTree(golden.directory().resolve("v1_train_run.json").toFile())
                .path("steps");
        JsonNode o = golden.config().path("args").path("optimization");
        int epochSteps = o.path("ipe").asInt();
        GoldenSchedules schedules = new GoldenSchedules(o);
        try (PretrainStep step = GoldenModel.open(golden, init, "init/", scope)) {
            for (int i = 0; i < steps.size(); i++) {
                JsonNode wanted = steps.path(i);
                int number = i + 1;
                int clipOf = i % epochSteps + 1; // the second epoch has the clips of the first
                Safetensors clipFile = clipOf == 1 ? init : file;
                String clipName = clipOf == 1 ? "in/clip_u8/" : "step%d/clip_u8/".formatted(clipOf);
                GoldenClips clips = GoldenClips.of(clipFile, clipName, file, "step%d/".formatted(number));
                PretrainStep.Loss loss = step.accumulate(scope, clips.pixels(scope), clips.masks(), 0, 1, 0);
                close("loss of step " + number, loss.total(), wanted.path("loss"), i < epochSteps ? 1e-4 : 3e-4);
                close("spread of step " + number, loss.spread(), wanted.path("loss_reg"), 1e-3);
                PretrainStep.Hyper hyper = schedules.at(number, i / epochSteps);
                close("rate", hyper.learningRate(), wanted.path("lr"), 1e-9);
                close("decay", hyper.weightDecay(), wanted.path("weight_decay"), 1e-9);
                close("momentum", hyper.momentum(), wanted.path("momentum"), 1e-9);
                PretrainStep.Norms norms = step.update(scope, hyper);
                JsonNode norm = wanted.path("grad_norm_before_clipping");
                if (norm.isObject()) {
                    close("encoder's gradient", norms.encoder(), norm.path("encoder"), 2e-3);
                    close("predictor's gradient", norms.predictor(), norm.path("predictor"), 2e-3);
                }
                GoldenModel.requireChecksums(wanted.path("checksum_all_parameters"), step.state());
            }
        }
    }

    private static void runOfV2(GoldenCase golden, NDManager scope) throws IOException {
        Safetensors file = golden.tensors();
        JsonNode steps = golden.node().path("expected").path("steps");
        try (PretrainStep step = GoldenModel.open(golden, file, "init/", scope)) {
            for (JsonNode wanted : steps) {
                int number = wanted.path("step").asInt();
                String at = "step%d/seq".formatted(number);
                int groups = 0;
                while (file.names().contains(at + groups + "/clip_u8")) {
                    groups++;
                }
                assertThat(groups).isPositive();
                double loss = 0;
                for (int group = 0; group < groups; group++) {
                    GoldenClips clips = GoldenClips.of(file, at + group + "/clip_u8", file, at + group + "/");
                    loss += step.accumulate(scope, clips.pixels(scope), clips.masks(), group, 1. / groups, 0)
                                    .total()
                            / groups;
                }
                close("loss of step " + number, loss, wanted.path("loss"), 1e-4);
                if (number == 1) {
                    GoldenModel.requireGradients(golden, file, "step1/grad/", step.gradients());
                }
                step.update(scope, hyper(wanted));
                GoldenModel.requireChecksums(wanted.path("checksum_all_parameters"), step.state());
            }
        }
    }

    private static void runOfDense(GoldenCase golden, NDManager scope) throws IOException {
        Safetensors file = golden.tensors();
        JsonNode steps = golden.node().path("expected").path("steps");
        double momentum = golden.config()
                .path("args")
                .path("optimization")
                .path("ema")
                .path(0)
                .asDouble();
        try (PretrainStep step = GoldenModel.open(golden, file, "init/", scope)) {
            double lr = 0;
            for (int i = 0; i < steps.size(); i++) {
                JsonNode wanted = steps.path(i);
                List<GoldenClips> groups = GoldenClips.groups(file, "in/step%d/".formatted(i));
                double weight = wanted.path("lambda").asDouble();
                double[] losses = new double[3];
                for (int group = 0; group < groups.size(); group++) {
                    GoldenClips clips = groups.get(group);
                    PretrainStep.Loss loss = step.accumulate(
                            scope, clips.pixels(scope), clips.masks(), group, 1. / groups.size(), weight);
                    losses[0] += loss.total() / groups.size();
                    losses[1] += loss.prediction() / groups.size();
                    losses[2] += loss.context() / groups.size();
                }
                close("loss", losses[0], wanted.path("loss"), 2e-4);
                close("prediction loss", losses[1], wanted.path("loss_pred"), 2e-4);
                close("context loss", losses[2], wanted.path("loss_context"), 2e-4);
                lr = wanted.path("lr").asDouble();
                double decay = wanted.path("weight_decay").asDouble();
                PretrainStep.Norms norms = step.update(scope, new PretrainStep.Hyper(lr, decay, 0, momentum));
                close("encoder's gradient", norms.encoder(), wanted.path("grad_norm_encoder"), 2e-3);
                close("predictor's gradient", norms.predictor(), wanted.path("grad_norm_predictor"), 2e-3);
            }
            GoldenModel.requireLooseWeights(golden, file, "after/", step.state(), lr);
        }
    }

    private static PretrainStep.Hyper hyper(JsonNode step) {
        return new PretrainStep.Hyper(
                step.path("lr").asDouble(),
                step.path("weight_decay").asDouble(),
                0,
                step.path("momentum").asDouble());
    }

    private static void close(String what, double got, JsonNode wanted, double rtol) {
        assertThat(wanted.isNumber()).as(what).isTrue();
        assertThat(got).as(what).isCloseTo(wanted.asDouble(), within(rtol * Math.abs(wanted.asDouble())));
    }

    /** Rate, decay, momentum and clipping as the arguments of the run say. */
    private record GoldenSchedules(Schedule rate, Schedule decay, Schedule momentum, double clip, double warmup) {
        GoldenSchedules(JsonNode o) {
            this(
                    Schedule.warmupCosine(
                            o.path("start_lr").asDouble(),
                            o.path("lr").asDouble(),
                            o.path("final_lr").asDouble(),
                            (long) (o.path("warmup").asDouble() * o.path("ipe").asInt()),
                            (long) span(o)),
                    Schedule.cosine(
                            o.path("weight_decay").asDouble(),
                            o.path("final_weight_decay").asDouble(),
                            (long) span(o)),
                    Schedule.momentum(
                            o.path("ema").path(0).asDouble(),
                            o.path("ema").path(1).asDouble(),
                            span(o)),
                    o.path("clip_grad").asDouble(0),
                    o.path("warmup").asDouble());
        }

        private static double span(JsonNode o) {
            return o.path("ipe_scale").asDouble()
                    * o.path("epochs").asInt()
                    * o.path("ipe").asInt();
        }

        /** Clipping begins once the epoch, from 0, is past the warm-up. */
        PretrainStep.Hyper at(int step, int epoch) {
            return new PretrainStep.Hyper(rate.at(step), decay.at(step), epoch > warmup ? clip : 0, momentum.at(step));
        }
    }

    /** Clips of one length and their masks. */
    private record GoldenClips(HostTensor values, List<MaskPair> masks) {
        /** All clips whose name starts so, one behind the other; their masks are repeated in the same way. */
        static GoldenClips of(Safetensors clipFile, String clips, Safetensors maskFile, String masks)
                throws IOException {
            List<HostTensor> parts = new ArrayList<>();
            for (String name : new TreeSet<>(clipFile.names())) {
                if (name.startsWith(clips)) {
                    HostTensor raw = clipFile.read(name);
                    float[] values = raw.floats();
                    for (int i = 0; i < values.length; i++) {
                        values[i] = values[i] / 64f - 2f;
                    }
                    parts.add(HostTensor.of(values, raw.shape()));
                }
            }
            List<MaskPair> pairs = new ArrayList<>();
            for (int i = 0; maskFile.names().contains(masks + "context_mask/" + i); i++) {
                pairs.add(new MaskPair(
                        rows(maskFile.read(masks + "context_mask/" + i), parts.size()),
                        rows(maskFile.read(masks + "target_mask/" + i), parts.size())));
            }
            assertThat(parts).isNotEmpty();
            assertThat(pairs).isNotEmpty();
            return new GoldenClips(joined(parts), pairs);
        }

        /** One group for each clip length, in ascending order. */
        static List<GoldenClips> groups(Safetensors file, String at) throws IOException {
            TreeSet<Integer> lengths = new TreeSet<>();
            for (String name : file.names()) {
                if (name.startsWith(at + "clips_fpc")) {
                    lengths.add(Integer.valueOf(name.replaceAll(".*clips_fpc(\\d+)_u8", "$1")));
                }
            }
            List<GoldenClips> groups = new ArrayList<>();
            for (int length : lengths) {
                HostTensor raw = GoldenCase.input(file, at + "clips_fpc%d_u8".formatted(length));
                List<MaskPair> pairs = new ArrayList<>();
                String mask = at + "fpc%d/mask%d/%s_mask";
                for (int i = 0; file.names().contains(mask.formatted(length, i, "context")); i++) {
                    pairs.add(new MaskPair(
                            rows(file.read(mask.formatted(length, i, "context")), 1),
                            rows(file.read(mask.formatted(length, i, "target")), 1)));
                }
                groups.add(new GoldenClips(raw, pairs));
            }
            assertThat(groups).isNotEmpty();
            return groups;
        }

        private static HostTensor joined(List<HostTensor> parts) {
            float[] all = new float[parts.stream().mapToInt(HostTensor::size).sum()];
            int at = 0;
            for (HostTensor part : parts) {
                System.arraycopy(part.floats(), 0, all, at, part.size());
                at += part.size();
            }
            long[] shape = parts.get(0).shape().clone();
            shape[0] *= parts.size();
            return HostTensor.of(all, shape);
        }

        private static int[][] rows(HostTensor mask, int times) {
            int batch = (int) mask.shape()[0];
            int width = (int) mask.shape()[1];
            long[] values = mask.longs();
            int[][] rows = new int[batch * times][width];
            for (int row = 0; row < rows.length; row++) {
                for (int i = 0; i < width; i++) {
                    rows[row][i] = (int) values[row % batch * width + i];
                }
            }
            return rows;
        }

        NDArray pixels(NDManager scope) {
            return scope.create(values.floats(), new Shape(values.shape()));
        }
    }
}
