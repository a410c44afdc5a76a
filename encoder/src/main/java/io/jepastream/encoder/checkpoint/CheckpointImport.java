package io.jepastream.encoder.checkpoint;

import ai.djl.ndarray.types.Shape;
import io.jepastream.encoder.EncoderConfig;
import io.jepastream.encoder.Family;
import io.jepastream.encoder.ModelBundle;
import io.jepastream.encoder.Predictor;
import io.jepastream.encoder.PredictorConfig;
import io.jepastream.encoder.VideoEncoder;
import io.jepastream.encoder.tensor.HostTensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Turns a pre-training checkpoint of V-JEPA 1, 2 or 2.1 into a model. Strict: a missing, unexpected, mis-shaped or
 * non-finite tensor is an error that names it, and no tensor is ever made up.
 */
public final class CheckpointImport {
    private static final String PREDICTOR = "predictor";
    private static final int KEYS_IN_ERRORS = 20;

    private CheckpointImport() {}

    /**
     * Reads encoder and, where present, predictor. The tensors keep their stored type and stay mapped to the file;
     * {@link ModelBundle#write} makes a bundle of the result.
     *
     * @param encoder the architecture; empty to infer it, which takes an official size
     * @param predictor the predictor's architecture; empty to infer it
     * @param weights which of the two encoders; the key that it was found under is in the result's provenance
     * @param allow official names waived: unexpected tensors are then dropped, non-finite ones kept, and a position table
     *     of another grid replaced by the analytic one of the model's
     * @throws CheckpointException if the file is unsound or does not fit the architecture
     * @throws IOException if the file cannot be read
     */
    public static ModelBundle.Draft importFile(
            Path file,
            Optional<EncoderConfig> encoder,
            Optional<PredictorConfig> predictor,
            Weights weights,
            Set<String> allow)
            throws IOException {
        Map<?, ?> top = top(file);
        String key = key(file, top, weights);
        StateDict encoderState = encoderState(file, top, key);
        Optional<StateDict> predictorState = predictorState(file, top);
        if (predictor.isPresent() && predictorState.isEmpty()) {
            throw new CheckpointException(file, "want key 'predictor', got only " + some(top));
        }
        EncoderConfig config = encoder.isPresent() ? encoder.get() : inferred(encoderState, predictorState);
        Set<String> unused = unused(config.family(), config.useRope(), "pos_embed");
        Map<String, Shape> shapes = VideoEncoder.shapes(config);
        boolean fresh = isWaivedTable(encoderState, "pos_embed", shapes, allow);
        Map<String, HostTensor> weightsRead = encoderState.read(shapes, unused, allow);
        if (fresh) {
            weightsRead.put("pos_embed", table(VideoEncoder.positionTable(config), config.embedDim()));
        }
        Map<String, HostTensor> predictorRead = new LinkedHashMap<>();
        Optional<PredictorConfig> predictorConfig = Optional.empty();
        if (predictorState.isPresent()) {
            StateDict state = predictorState.get();
            PredictorConfig shape = predictor.isPresent() ? predictor.get() : inferred(state, config);
            predictorConfig = Optional.of(shape);
            String table = "predictor_pos_embed";
            Map<String, Shape> wanted = Predictor.shapes(config, shape);
            boolean freshTable = isWaivedTable(state, table, wanted, allow);
            predictorRead.putAll(state.read(wanted, unused(config.family(), shape.useRope(), table), allow));
            if (freshTable) {
                predictorRead.put(table, table(Predictor.positionTable(config, shape), shape.predictorEmbedDim()));
            }
        }
        String source = String.valueOf(file.getFileName());
        return new ModelBundle.Draft(
                source.replaceAll("\\.(pth\\.tar|pth|pt|tar)$", ""),
                config,
                predictorConfig,
                weightsRead,
                predictorRead,
                Map.of("source", source, "weights", key));
    }

    /**
     * Whether a position table is of another grid than the model and waived: then it is taken out of {@code wanted}. The
     * reference's evaluation silently puts the analytic table of the new grid in its place, not an interpolated one; here
     * it has to be asked for.
     */
    private static boolean isWaivedTable(StateDict state, String name, Map<String, Shape> wanted, Set<String> allow)
            throws CheckpointException {
        Shape shape = wanted.get(name);
        if (shape == null || !allow.contains(name) || !state.has(name)) {
            return false;
        }
        boolean other = !Arrays.equals(state.shape(name, 3), shape.getShape());
        if (other) {
            wanted.remove(name);
        }
        return other;
    }

    private static HostTensor table(float[] values, int dim) {
        return HostTensor.of(values, 1, values.length / dim, dim);
    }

    /**
     * The architecture of a checkpoint of a named official size, for {@link #importFile}: tells apart what shapes do not.
     *
     * @param size such as {@code vit_giant}
     * @throws CheckpointException if the file is unsound, of another size, or there is no such size
     * @throws IOException if the file cannot be read
     */
    public static EncoderConfig ofSize(Path file, String size, Weights weights) throws IOException {
        Map<?, ?> top = top(file);
        StateDict encoder = encoderState(file, top, key(file, top, weights));
        Optional<StateDict> predictor = predictorState(file, top);
        Family family = Architecture.family(
                encoder, predictor.map(Architecture::maskTokens).orElse(0));
        try {
            return Architecture.encoder(encoder, family, List.of(size));
        } catch (IllegalArgumentException e) {
            throw encoder.bad(String.valueOf(e.getMessage()));
        }
    }

    /**
     * The architecture that {@link #importFile} takes when none is given.
     *
     * @throws CheckpointException if the file is unsound, or its shapes do not tell
     * @throws IOException if the file cannot be read
     */
    public static ModelBundle.Architecture architecture(Path file, Weights weights) throws IOException {
        Map<?, ?> top = top(file);
        Optional<StateDict> predictor = predictorState(file, top);
        EncoderConfig config = inferred(encoderState(file, top, key(file, top, weights)), predictor);
        return new ModelBundle.Architecture(
                config, predictor.isPresent() ? Optional.of(inferred(predictor.get(), config)) : Optional.empty());
    }

    private static EncoderConfig inferred(StateDict encoder, Optional<StateDict> predictor) throws CheckpointException {
        Family family = Architecture.family(
                encoder, predictor.map(Architecture::maskTokens).orElse(0));
        try {
            return Architecture.encoder(encoder, family);
        } catch (IllegalArgumentException e) { // shapes that no encoder has, such as patches of 8 in V-JEPA 2.1
            throw encoder.bad(String.valueOf(e.getMessage()));
        }
    }

    private static PredictorConfig inferred(StateDict predictor, EncoderConfig encoder) throws CheckpointException {
        try {
            return Architecture.predictor(predictor, encoder);
        } catch (IllegalArgumentException e) {
            throw predictor.bad(String.valueOf(e.getMessage()));
        }
    }

    private static Map<?, ?> top(Path file) throws IOException {
        Object root = TorchFile.open(file).root();
        if (root instanceof Map<?, ?> map) {
            return map;
        }
        throw new CheckpointException(
                file, "want a dictionary with encoder and target_encoder, got " + Rebuild.kind(root));
    }

    private static StateDict encoderState(Path file, Map<?, ?> top, String key) throws CheckpointException {
        return new StateDict(file, key, Objects.requireNonNull(top.get(key)));
    }

    private static String key(Path file, Map<?, ?> top, Weights weights) throws CheckpointException {
        for (String key : weights.keys()) {
            if (top.get(key) != null) {
                return key;
            }
        }
        Weights other = weights == Weights.TARGET ? Weights.ONLINE : Weights.TARGET;
        String hint = other.keys().stream()
                .filter(top::containsKey)
                .findFirst()
                .map("; the %s weights are there"::formatted)
                .orElse("");
        throw new CheckpointException(file, "want key '%s', got only %s%s".formatted(weights.key(), some(top), hint));
    }

    private static String some(Map<?, ?> top) {
        return top.keySet().stream().limit(KEYS_IN_ERRORS).toList().toString();
    }

    private static Optional<StateDict> predictorState(Path file, Map<?, ?> top) throws CheckpointException {
        Object value = top.get(PREDICTOR);
        return value == null || value == PyNone.NONE
                ? Optional.empty()
                : Optional.of(new StateDict(file, PREDICTOR, value));
    }

    /** Released V-JEPA 2 files carry position tables that rotary positions leave unused; those of V-JEPA 2.1 do not. */
    private static Set<String> unused(Family family, boolean rotary, String table) {
        return rotary && family != Family.VJEPA21 ? Set.of(table) : Set.of();
    }
}
