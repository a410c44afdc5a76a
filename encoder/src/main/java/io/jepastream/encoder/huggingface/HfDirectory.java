package io.jepastream.encoder.huggingface;

import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.jepastream.encoder.EncoderConfig;
import io.jepastream.encoder.ModelBundle;
import io.jepastream.encoder.Predictor;
import io.jepastream.encoder.PredictorConfig;
import io.jepastream.encoder.VideoEncoder;
import io.jepastream.encoder.checkpoint.CheckpointException;
import io.jepastream.encoder.tensor.HostTensor;
import java.io.CharConversionException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A V-JEPA 2 model in the Hugging Face layout: the base model, or a classification model, whose tensors of the base lie
 * below {@code vjepa2.} and which has a probe. Its weights are always the online encoder's.
 */
public final class HfDirectory {
    private static final String CONFIG = "config.json";
    private static final String PREPROCESSOR = "video_preprocessor_config.json";
    private static final String BASE = "vjepa2.";
    private static final int MAX_CONFIG = 4 << 20;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path directory;
    private final JsonNode config;
    private final HfWeights weights;
    private final EncoderConfig encoder;
    private final Optional<PredictorConfig> predictor;

    private HfDirectory(Path directory, JsonNode config, HfWeights weights) throws CheckpointException {
        this.directory = directory;
        this.config = config;
        this.weights = weights;
        try {
            this.encoder = HfConfig.encoder(config);
            this.predictor = weights.anyStarts(prefix() + "predictor.")
                    ? Optional.of(HfConfig.predictor(config, encoder))
                    : Optional.empty();
        } catch (IllegalArgumentException e) {
            throw new CheckpointException(directory, "config.json: " + e.getMessage());
        }
    }

    /** Whether this is a directory with a configuration that is not one of our bundles'. */
    public static boolean is(Path path) throws IOException {
        Path file = path.resolve(CONFIG);
        return Files.isRegularFile(file) && !json(file, MAX_CONFIG).has("format");
    }

    /**
     * Reads the configuration and the headers of the weights.
     *
     * @throws CheckpointException if they are not a V-JEPA 2 model
     * @throws IOException if a file cannot be read
     */
    public static HfDirectory open(Path directory) throws IOException {
        if (!Files.isRegularFile(directory.resolve(CONFIG))) {
            throw new CheckpointException(directory, "want a file config.json, got none");
        }
        return new HfDirectory(directory, json(directory.resolve(CONFIG), MAX_CONFIG), HfWeights.open(directory));
    }

    static JsonNode json(Path file, int limit) throws IOException {
        long size = Files.size(file);
        if (size > limit) {
            throw new CheckpointException(file, "want at most %d bytes, got %d".formatted(limit, size));
        }
        try {
            return JSON.readTree(file.toFile());
        } catch (JsonProcessingException e) {
            throw new CheckpointException(file, "want JSON, got " + e.getOriginalMessage());
        } catch (CharConversionException e) { // Jackson's, of bytes that look like UTF-32
            throw new CheckpointException(file, "want JSON, got " + e.getMessage());
        }
    }

    public EncoderConfig encoder() {
        return encoder;
    }

    public Optional<PredictorConfig> predictor() {
        return predictor;
    }

    /** Every tensor by its name in the files, mapped; large ones cost nothing until they are read. */
    public Map<String, HostTensor> tensors() throws IOException {
        Map<String, HostTensor> all = new LinkedHashMap<>();
        for (String name : weights.names()) {
            all.put(name, weights.peek(name));
        }
        return all;
    }

    /** Why {@link #draft} would refuse the names or shapes of the tensors; empty where it would not. */
    public Optional<String> misfit() throws IOException {
        try {
            weights.requireExactly(wanted(), headNames(), Set.of());
            return Optional.empty();
        } catch (CheckpointException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    /** Stored names and shapes of the base model. */
    private Map<String, Shape> wanted() {
        Map<String, Shape> wanted = new LinkedHashMap<>();
        HfNames.stored(VideoEncoder.shapes(encoder), HfNames::encoder)
                .forEach((name, shape) -> wanted.put(prefix() + name, shape));
        HfNames.stored(predictorShapes(), HfNames::predictor)
                .forEach((name, shape) -> wanted.put(prefix() + name, shape));
        predictor.ifPresent(p ->
                wanted.put(prefix() + HfNames.MASK_TOKENS, new Shape(p.numMaskTokens(), 1, 1, p.predictorEmbedDim())));
        return wanted;
    }

    /** Official names and shapes of the predictor but for the mask tokens; empty without one. */
    private Map<String, Shape> predictorShapes() {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        predictor.ifPresent(p -> shapes.putAll(Predictor.shapes(encoder, p)));
        shapes.keySet().removeIf(name -> name.startsWith("mask_tokens."));
        return shapes;
    }

    /**
     * Encoder and, where present, predictor; the tensors keep their type and stay mapped.
     *
     * @param allow stored names waived: unexpected tensors are then dropped, non-finite ones kept
     * @throws CheckpointException naming the tensors that are missing, unexpected, mis-shaped or not finite
     */
    public ModelBundle.Draft draft(Set<String> allow) throws IOException {
        weights.requireExactly(wanted(), headNames(), allow);
        String source = String.valueOf(directory.toAbsolutePath().normalize().getFileName());
        return new ModelBundle.Draft(
                source,
                encoder,
                predictor,
                weights.read(VideoEncoder.shapes(encoder), HfNames::encoder, prefix(), allow),
                predictor.isPresent() ? predictorState(predictor.get(), allow) : Map.of(),
                Map.of("source", source, "weights", "online", "layout", "Hugging Face"));
    }

    private Map<String, HostTensor> predictorState(PredictorConfig shape, Set<String> allow) throws IOException {
        Map<String, HostTensor> state = weights.read(predictorShapes(), HfNames::predictor, prefix(), allow);
        HostTensor tokens = weights.read(prefix() + HfNames.MASK_TOKENS, allow);
        int width = shape.predictorEmbedDim();
        for (int i = 0; i < shape.numMaskTokens(); i++) {
            state.put("mask_tokens." + i, tokens.slice(i * width, 1, 1, width));
        }
        Map<String, HostTensor> ordered = new LinkedHashMap<>();
        for (String name : Predictor.shapes(encoder, shape).keySet()) {
            HostTensor tensor = state.get(name);
            if (tensor != null) {
                ordered.put(name, tensor);
            }
        }
        return ordered;
    }

    /** Whether there is a probe. */
    public boolean hasHead() {
        return !headNames().isEmpty();
    }

    /** Class names in the order of the logits. */
    public List<String> labels() throws CheckpointException {
        try {
            return HfConfig.labels(config);
        } catch (IllegalArgumentException e) {
            throw new CheckpointException(directory, String.valueOf(e.getMessage()));
        }
    }

    /** Attention heads that its probe was trained with: 16 where that divides the width, whatever the encoder has. */
    public int headHeads() {
        return HfConfig.poolerHeads(config, encoder);
    }

    /** How many self-attention blocks its probe has. */
    public int headBlocks() {
        int blocks = 0;
        while (weights.anyStarts("pooler.self_attention_layers." + blocks + ".")) {
            blocks++;
        }
        return blocks;
    }

    /** How many classes its probe tells apart. */
    public int headClasses() throws IOException {
        return (int) weights.peek("classifier.weight").shape()[0];
    }

    /**
     * Reads the probe under its official names.
     *
     * @param official names and shapes of what it has to hold
     * @throws CheckpointException naming the tensors that are missing, unexpected, mis-shaped or not finite
     */
    public Map<String, HostTensor> head(Map<String, Shape> official, Set<String> allow) throws IOException {
        Set<String> base = new LinkedHashSet<>(weights.names());
        base.removeAll(headNames());
        weights.requireExactly(HfNames.stored(official, HfNames::probe), base, allow);
        return weights.read(official, HfNames::probe, "", allow);
    }

    private Set<String> headNames() {
        return weights.names().stream()
                .filter(name -> name.startsWith("pooler.") || name.startsWith("classifier."))
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    private String prefix() {
        return weights.anyStarts(BASE) ? BASE : "";
    }

    /** How its preprocessing differs from ours; empty where it does not, or where it says nothing. */
    public List<String> unusualPreprocessing() throws IOException {
        Path file = directory.resolve(PREPROCESSOR);
        return Files.isRegularFile(file) ? HfConfig.unusual(json(file, MAX_CONFIG), encoder) : List.of();
    }
}
