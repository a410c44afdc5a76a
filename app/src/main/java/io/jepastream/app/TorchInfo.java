package io.jepastream.app;

import io.jepastream.encoder.Digest;
import io.jepastream.encoder.EncoderConfig;
import io.jepastream.encoder.ModelBundle;
import io.jepastream.encoder.Predictor;
import io.jepastream.encoder.PredictorConfig;
import io.jepastream.encoder.VideoEncoder;
import io.jepastream.encoder.checkpoint.CheckpointException;
import io.jepastream.encoder.checkpoint.CheckpointImport;
import io.jepastream.encoder.checkpoint.PyNone;
import io.jepastream.encoder.checkpoint.PyTuple;
import io.jepastream.encoder.checkpoint.TorchFile;
import io.jepastream.encoder.checkpoint.TorchTensor;
import io.jepastream.encoder.checkpoint.Weights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Tells what a torch file holds, without importing it. */
final class TorchInfo {
    private static final String PREDICTOR = "predictor";
    private static final String PROBE = "classifier";
    private static final String PROBES = "classifiers";

    private final Path file;
    private final Findings findings;
    private final Map<String, Survey> surveys = new LinkedHashMap<>();

    private boolean outlined;

    private TorchInfo(Path file, Findings findings) {
        this.file = file;
        this.findings = findings;
    }

    static Findings of(Path file) throws IOException {
        Object root = TorchFile.open(file).root();
        Findings findings = new Findings();
        findings.fact("file", "%s, %s".formatted(file.getFileName(), Sizes.bytes(Files.size(file))));
        findings.fact("SHA-256", Digest.ofBytes(file));
        if (!(root instanceof Map<?, ?> top)) {
            findings.unusual("not a checkpoint: want a dictionary, got " + kind(root));
            return findings;
        }
        new TorchInfo(file, findings).tell(top);
        return findings;
    }

    private void tell(Map<?, ?> top) throws IOException {
        Map<String, String> rest = new LinkedHashMap<>();
        for (Map.Entry<?, ?> entry : top.entrySet()) {
            String key = entry.getKey().toString();
            if (key.equals(PROBES) && entry.getValue() instanceof List<?> list) {
                for (int i = 0; i < list.size(); i++) {
                    survey("%s[%d]".formatted(key, i), list.get(i));
                }
            } else if (!survey(key, entry.getValue())) {
                rest.put(key, summary(entry.getValue()));
            }
        }
        findings.fact("holds", holds(top));
        for (Weights weights : Weights.values()) {
            if (has(weights)) {
                model(weights);
                break;
            }
        }
        surveys.forEach((key, survey) -> {
            survey.tell(findings);
            if (outlined) {
                survey.outline(findings);
            }
        });
        rest.forEach(findings::fact);
        if (has(Weights.TARGET) != has(Weights.ONLINE)) {
            findings.unusual("only the %s encoder".formatted(has(Weights.TARGET) ? "target" : "online"));
        }
    }

    private boolean has(Weights weights) {
        return weights.keys().stream().anyMatch(surveys::containsKey);
    }

    private String holds(Map<?, ?> top) {
        if (top.containsKey(PROBE) || top.containsKey(PROBES)) {
            return "probe of %s; for import --heads or add-head"
                    .formatted(top.containsKey(PROBE) ? "V-JEPA 1" : "V-JEPA 2");
        }
        if (has(Weights.TARGET) || has(Weights.ONLINE)) {
            return "pre-training checkpoint";
        }
        findings.unusual("neither an encoder nor a probe under the keys of the official layouts");
        return "tensors of no layout known here";
    }

    /** Counts a state dictionary; false where the value is none. */
    private boolean survey(String key, Object value) throws IOException {
        if (!(value instanceof Map<?, ?> map)
                || map.isEmpty()
                || !map.values().stream().allMatch(TorchTensor.class::isInstance)) {
            return false;
        }
        Survey survey = new Survey(key);
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            String name = entry.getKey().toString().replaceFirst("^((module|backbone)\\.)+", "");
            survey.add(name, ((TorchTensor) entry.getValue()).read());
        }
        surveys.put(key, survey);
        return true;
    }

    /** The architecture, as far as the shapes tell it. */
    private void model(Weights weights) throws IOException {
        ModelBundle.Architecture architecture;
        try {
            architecture = CheckpointImport.architecture(file, weights);
        } catch (CheckpointException | IllegalArgumentException e) {
            String why = String.valueOf(e.getMessage()).replace(file + ": ", "");
            findings.unusual("unknown architecture, so import needs --arch or --config: " + why);
            outlined = true;
            return;
        }
        EncoderConfig encoder = architecture.encoder();
        findings.fact("family", encoder.family().id());
        findings.fact("model", Sizes.of(encoder));
        architecture.predictor().ifPresent(p -> findings.fact("predictor", Sizes.of(p)));
        for (Map.Entry<String, Survey> survey : surveys.entrySet()) {
            String key = survey.getKey();
            if (Weights.TARGET.keys().contains(key) || Weights.ONLINE.keys().contains(key)) {
                survey.getValue().compare(VideoEncoder.shapes(encoder), findings);
                survey.getValue().drift(encoder, encoder.useRope(), encoder.uniformPower(), findings);
            }
        }
        Survey survey = surveys.get(PREDICTOR);
        Optional<PredictorConfig> predictor = architecture.predictor();
        if (survey != null && predictor.isPresent()) {
            survey.compare(Predictor.shapes(encoder, predictor.get()), findings);
            survey.drift(encoder, predictor.get().useRope(), predictor.get().uniformPower(), findings);
        }
    }

    /** Amount of tensors below a value, or the value. */
    private static String summary(Object value) {
        if (value instanceof String || value instanceof Number || value instanceof Boolean) {
            return value.toString();
        }
        if (value == PyNone.NONE) {
            return "None";
        }
        long[] sum = new long[2];
        count(value, sum);
        return sum[0] == 0 ? kind(value) : "%d tensors, %s".formatted(sum[0], Sizes.bytes(sum[1]));
    }

    private static void count(@Nullable Object value, long[] sum) {
        if (value instanceof TorchTensor tensor) {
            sum[0]++;
            sum[1] += Arrays.stream(tensor.shape()).reduce(tensor.dtype().bytes(), (a, b) -> a * b);
        } else if (value instanceof Map<?, ?> map) {
            map.values().forEach(item -> count(item, sum));
        } else if (value instanceof List<?> list) {
            list.forEach(item -> count(item, sum));
        } else if (value instanceof PyTuple tuple) {
            tuple.items().forEach(item -> count(item, sum));
        }
    }

    private static String kind(Object value) {
        if (value instanceof Map<?, ?> map) {
            return "a dictionary of %d values".formatted(map.size());
        }
        return value instanceof List<?> list ? "a list of %d values".formatted(list.size()) : "a value of another kind";
    }
}
