package io.jepastream.trainer.probe;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jepastream.encoder.ModelBundle;
import io.jepastream.encoder.VideoEncoder;
import io.jepastream.encoder.checkpoint.CheckpointImport;
import io.jepastream.encoder.checkpoint.Weights;
import io.jepastream.encoder.golden.Fixtures;
import io.jepastream.encoder.golden.GoldenCase;
import io.jepastream.encoder.tensor.HostTensor;
import io.jepastream.encoder.tensor.Precision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What the frozen encoder of a probe run, out of its own checkpoint, says of the run's clips. */
final class GoldenFeatures {
    private GoldenFeatures() {}

    /** One {@code [1, N, D]} for each clip of the pool. */
    static List<NDArray> of(GoldenCase golden, NDManager scope) throws IOException {
        JsonNode args = golden.config().path("args");
        JsonNode first = args.path("pretrain");
        JsonNode second = args.path("model_kwargs");
        String file = first.path("checkpoint").asText(second.path("checkpoint").asText());
        String key = first.path("checkpoint_key")
                .asText(second.path("pretrain_kwargs")
                        .path("encoder")
                        .path("checkpoint_key")
                        .asText());
        ModelBundle.Architecture shape = architecture(golden, file);
        Weights weights = Arrays.stream(Weights.values())
                .filter(w -> w.key().equals(key))
                .findFirst()
                .orElseThrow();
        ModelBundle.Draft draft = CheckpointImport.importFile(
                golden.directory().resolve(file), Optional.of(shape.encoder()), shape.predictor(), weights, Set.of());
        HostTensor clips = GoldenCase.input(golden.tensors(), "in/clip_pool_u8");
        long[] sides = clips.shape();
        int count = (int) sides[0];
        sides[0] = 1;
        float[] values = clips.floats();
        int each = values.length / count;
        List<NDArray> features = new ArrayList<>();
        VideoEncoder encoder = VideoEncoder.load(scope, draft.encoder(), Precision.FP32, draft.encoderState());
        for (int i = 0; i < count; i++) {
            float[] own = Arrays.copyOfRange(values, i * each, (i + 1) * each);
            features.add(encoder.encode(scope, scope.create(own, new Shape(sides))));
        }
        return features;
    }

    /** The encoder of the case, and the predictor of the case that the checkpoint belongs to. */
    private static ModelBundle.Architecture architecture(GoldenCase golden, String checkpoint) throws IOException {
        ObjectNode both = new ObjectMapper().createObjectNode();
        both.set("family", golden.node().path("family"));
        both.set("encoder", golden.config().path("encoder_constructor"));
        for (GoldenCase other : Fixtures.cases()) {
            for (JsonNode file : other.node().path("files")) {
                if (file.path("file").asText().equals(checkpoint)
                        && other.config().path("predictor_constructor") instanceof ObjectNode predictor) {
                    ObjectNode own = predictor.deepCopy();
                    own.set(
                            "embed_dim",
                            golden.config().path("encoder_constructor").path("embed_dim"));
                    both.set("predictor", own);
                }
            }
        }
        Path json = Files.createTempFile("golden", ".json");
        try {
            Files.writeString(json, both.toString());
            return ModelBundle.architecture(json);
        } finally {
            Files.delete(json);
        }
    }
}
