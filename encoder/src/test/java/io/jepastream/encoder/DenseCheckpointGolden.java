package io.jepastream.encoder;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jepastream.encoder.checkpoint.CheckpointImport;
import io.jepastream.encoder.checkpoint.Weights;
import io.jepastream.encoder.golden.DenseComparison;
import io.jepastream.encoder.golden.GoldenCase;
import io.jepastream.encoder.tensor.Precision;
import io.jepastream.encoder.tensor.Safetensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/** One checkpoint file of V-JEPA 2.1: imported, written as a bundle, read back and run. */
final class DenseCheckpointGolden {
    private static final String PREDICTOR = "predictor";

    private final GoldenCase golden;
    private final String entry;
    private final Path scratch;
    private final EncoderConfig encoder;
    private final PredictorConfig predictor;

    DenseCheckpointGolden(GoldenCase golden, String entry, Path scratch) {
        this.golden = golden;
        this.entry = entry;
        this.scratch = scratch;
        JsonNode config = golden.config().path(entry);
        this.encoder = ConfigJson.encoder(Family.VJEPA21, config.path("encoder_constructor"));
        ObjectNode wanted = config.path("predictor_constructor").deepCopy();
        wanted.put("embed_dim", encoder.embedDim());
        if (wanted.has("levels")) {
            wanted.set("n_output_distillation", wanted.get("levels"));
        }
        this.predictor = ConfigJson.predictor(Family.VJEPA21, wanted);
    }

    void check(NDManager scope) throws IOException {
        Path checkpoint = file(".pt", ".pth.tar");
        DenseComparison files = new DenseComparison(golden, Safetensors.open(file(".expected.safetensors")), scope);
        for (Weights weights : Weights.values()) {
            for (String key : weights.keys()) {
                if (!files.outputs("out/" + key + "/").isEmpty()) {
                    run(files, imported(checkpoint, weights, key), key, scope);
                }
            }
        }
        files.requireAll("out/");
    }

    private Path file(String... endings) {
        for (JsonNode file : golden.node().path("files")) {
            String name = file.path("file").asText();
            for (String ending : endings) {
                if (name.contains("_" + entry + "_") && name.endsWith(ending)) {
                    return golden.directory().resolve(name);
                }
            }
        }
        throw new AssertionError(
                "case %s: want a file for '%s' ending in %s".formatted(golden.id(), entry, endings[0]));
    }

    private ModelBundle imported(Path checkpoint, Weights weights, String key) throws IOException {
        ModelBundle.Draft draft = CheckpointImport.importFile(
                checkpoint, Optional.of(encoder), Optional.of(predictor), weights, Set.of());
        assertThat(draft.provenance()).containsEntry("weights", key);
        ModelBundle bundle = ModelBundle.write(scratch.resolve(entry + "-" + key), draft);
        assertThat(bundle.encoder()).isEqualTo(encoder);
        assertThat(bundle.predictor()).contains(predictor);
        return bundle;
    }

    private void run(DenseComparison files, ModelBundle bundle, String key, NDManager scope) throws IOException {
        try (VideoEncoder model = VideoEncoder.load(scope, encoder, Precision.FP32, bundle.encoderState())) {
            String prefix = "out/" + key + "/";
            for (String name : files.outputs(prefix)) {
                String what = name.substring(prefix.length());
                boolean wide = what.endsWith("_hierarchical");
                NDArray clip = files.input(what.startsWith("image") ? "in/image_u8" : "in/clip_u8");
                files.compare(name, wide ? model.encodeHierarchical(scope, clip) : model.encode(scope, clip));
            }
            boolean target = Weights.TARGET.keys().contains(key);
            if (target && !files.outputs("out/" + PREDICTOR + "/").isEmpty()) {
                predict(files, model, bundle, scope);
            }
        }
    }

    private void predict(DenseComparison files, VideoEncoder model, ModelBundle bundle, NDManager scope)
            throws IOException {
        NDArray clip = files.input("in/clip_u8");
        NDList mask = new NDList(files.input("in/context_mask"));
        NDList seen = predictor.dense().levels() == 1
                ? model.encode(scope, clip, mask)
                : model.encodeHierarchical(scope, clip, mask);
        NDArray targets = files.input("in/target_mask");
        try (Predictor loaded = Predictor.load(scope, encoder, predictor, Precision.FP32, bundle.predictorState())) {
            NDList both =
                    loaded.predictBoth(scope, seen.head(), files.input("in/context_mask"), targets, 0, Modality.VIDEO);
            files.compare("out/predictor/target", both.get(0));
            files.compare("out/predictor/context", both.get(1));
        }
    }
}
