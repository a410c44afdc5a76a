package io.jepastream.encoder;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jepastream.encoder.tensor.HostTensor;
import io.jepastream.encoder.tensor.Safetensors;
import io.jepastream.encoder.tensor.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A model on disk: {@code config.json}, {@code model.safetensors} with tensors {@code encoder.*} and, where present,
 * {@code predictor.*}, and one directory per head under {@code heads/}. Weights are read when asked for.
 */
public final class ModelBundle {
    /** Value of {@code format} in {@code config.json}. */
    public static final String FORMAT = "jepastream-model/1";

    private static final String CONFIG = "config.json";
    private static final String WEIGHTS = "model.safetensors";
    private static final String HEADS = "heads";
    private static final int MOST_NAME = 256; // it is on every record
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path directory;
    private final JsonNode config;
    private final EncoderConfig encoder;
    private final Optional<PredictorConfig> predictor;
    private final String digest;

    /**
     * What a new bundle is made of.
     *
     * @param name model id, put on every embedding
     * @param encoderState tensors by official name
     * @param predictorState tensors by official name; empty without a predictor
     * @param provenance source, licence, command, date: free text by name
     */
    public record Draft(
            String name,
            EncoderConfig encoder,
            Optional<PredictorConfig> predictor,
            Map<String, HostTensor> encoderState,
            Map<String, HostTensor> predictorState,
            Map<String, String> provenance) {}

    /**
     * The shape of a model, without weights.
     *
     * @param encoder of the model
     * @param predictor of the model, where it has one
     */
    public record Architecture(EncoderConfig encoder, Optional<PredictorConfig> predictor) {}

    /**
     * Reads the fields {@code family}, {@code encoder} and {@code predictor} of a file as {@code config.json} is.
     *
     * @throws IOException if the file cannot be read
     * @throws IllegalArgumentException if a field is missing or cannot be
     */
    public static Architecture architecture(Path json) throws IOException {
        return architecture(JsonFile.read(json));
    }

    private static Architecture architecture(JsonNode config) {
        Family family = Family.named(ConfigJson.required(config, "family").asText());
        EncoderConfig encoder = ConfigJson.encoder(family, ConfigJson.required(config, "encoder"));
        return new Architecture(
                encoder,
                config.hasNonNull("predictor")
                        ? Optional.of(ConfigJson.predictor(family, config.get("predictor")))
                        : Optional.empty());
    }

    private ModelBundle(Path directory, JsonNode config) throws IOException {
        this.directory = directory;
        this.config = config;
        Architecture architecture = architecture(config);
        this.encoder = architecture.encoder();
        this.predictor = architecture.predictor();
        this.digest = Digest.of(List.of(directory.resolve(CONFIG), directory.resolve(WEIGHTS)));
    }

    /**
     * Reads configuration and digest.
     *
     * @throws IOException if the directory or one of its files is missing or cannot be read
     * @throws IllegalArgumentException if the configuration is not one of ours
     */
    public static ModelBundle read(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            throw new NoSuchFileException(
                    "model %s: want a directory with config.json, got nothing".formatted(directory));
        }
        if (!Files.isDirectory(directory)) {
            throw new NotDirectoryException(
                    "model %s: want a directory with config.json, got a file".formatted(directory));
        }
        for (String file : List.of(CONFIG, WEIGHTS)) {
            if (!Files.isRegularFile(directory.resolve(file))) {
                throw new NoSuchFileException("model %s: want a file %s, got none".formatted(directory, file));
            }
            requireInside(directory, directory.resolve(file));
        }
        JsonNode config = JsonFile.read(directory.resolve(CONFIG));
        String format = config.path("format").asText();
        EncoderConfig.require(format.equals(FORMAT), "model %s: want format %s, got '%s'", directory, FORMAT, format);
        String version = config.path("preprocessing").path("version").asText(EvalTransform.VERSION);
        EncoderConfig.require(
                version.equals(EvalTransform.VERSION),
                "model %s: want preprocessing %s, got '%s'",
                directory,
                EvalTransform.VERSION,
                version);
        int name = config.path("name").asText().length();
        EncoderConfig.require(
                name <= MOST_NAME,
                "model %s: want a name of at most %d characters, got %d",
                directory,
                MOST_NAME,
                name);
        return new ModelBundle(directory, config);
    }

    /**
     * Writes a bundle without heads, the same draft always to the same bytes; weights first, so that a half-written one has
     * no configuration.
     */
    public static ModelBundle write(Path directory, Draft draft) throws IOException {
        Files.createDirectories(directory);
        Map<String, HostTensor> tensors = new LinkedHashMap<>();
        draft.encoderState().forEach((name, tensor) -> tensors.put("encoder." + name, tensor));
        draft.predictorState().forEach((name, tensor) -> tensors.put("predictor." + name, tensor));
        SafetensorsWriter.write(directory.resolve(WEIGHTS), tensors, Map.of("format", FORMAT));
        ObjectNode config = JSON.createObjectNode();
        config.put("format", FORMAT);
        config.put("name", draft.name());
        config.put("family", draft.encoder().family().id());
        config.set("encoder", ConfigJson.encoder(draft.encoder()));
        draft.predictor().ifPresent(p -> config.set("predictor", ConfigJson.predictor(p)));
        config.set("preprocessing", preprocessing(draft.encoder()));
        config.set("provenance", JSON.valueToTree(new TreeMap<>(draft.provenance())));
        String text = JSON.writerWithDefaultPrettyPrinter().writeValueAsString(config) + "\n";
        Files.writeString(directory.resolve(CONFIG), text);
        return read(directory);
    }

    /**
     * Refuses a file of a bundle that is a link to something outside of it: a bundle from elsewhere could show any file of
     * this machine as its labels.
     *
     * @param bundle the bundle's directory, which may be a link itself
     * @throws IOException if it is, or cannot be read
     */
    public static void requireInside(Path bundle, Path file) throws IOException {
        Path real = file.toRealPath();
        if (!real.startsWith(bundle.toRealPath())) {
            throw new IOException("model %s: want files of its own, got %s, a link to the outside"
                    .formatted(bundle, bundle.relativize(file)));
        }
    }

    private static ObjectNode preprocessing(EncoderConfig encoder) {
        EvalTransform transform = new EvalTransform(encoder.imgHeight());
        ObjectNode node = JSON.createObjectNode();
        node.put("version", EvalTransform.VERSION);
        node.put("resize", transform.shortSide()).put("crop", transform.crop());
        node.put("interpolation", "bilinear");
        transform.mean().forEach(node.putArray("mean")::add);
        transform.std().forEach(node.putArray("std")::add);
        return node;
    }

    public Path directory() {
        return directory;
    }

    /** Model id: the configuration's {@code name}, or the directory's. */
    public String name() {
        Path last = directory.toAbsolutePath().normalize().getFileName();
        String given = config.path("name").asText();
        return !given.isBlank() ? given : last == null ? "model" : last.toString();
    }

    public EncoderConfig encoder() {
        return encoder;
    }

    public Optional<PredictorConfig> predictor() {
        return predictor;
    }

    /** The preprocessing that its clips need. */
    public EvalTransform transform() {
        return new EvalTransform(encoder.imgHeight());
    }

    /** SHA-256 over configuration and weights, in hexadecimal. */
    public String digest() {
        return digest;
    }

    /** Source, licence and so on, as written. */
    public JsonNode provenance() {
        return config.path("provenance");
    }

    /** The encoder's tensors by official name. */
    public Map<String, HostTensor> encoderState() throws IOException {
        return Safetensors.open(directory.resolve(WEIGHTS)).readAll("encoder.");
    }

    /** The predictor's tensors by official name; empty without a predictor. */
    public Map<String, HostTensor> predictorState() throws IOException {
        return Safetensors.open(directory.resolve(WEIGHTS)).readAll("predictor.");
    }

    /** Names of the heads, sorted. */
    public List<String> headNames() throws IOException {
        Path heads = directory.resolve(HEADS);
        if (!Files.isDirectory(heads)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(heads)) {
            return entries.filter(Files::isDirectory)
                    .map(p -> String.valueOf(p.getFileName()))
                    .sorted()
                    .toList();
        }
    }

    /**
     * Directory of a head that exists.
     *
     * @throws IllegalArgumentException naming the heads there are
     */
    public Path headDirectory(String name) throws IOException {
        List<String> names = headNames();
        EncoderConfig.require(names.contains(name), "head: want one of %s, got '%s'", names, name);
        return directory.resolve(HEADS).resolve(name);
    }

    /** Directory that a head of this name is written to. */
    public Path newHeadDirectory(String name) {
        EncoderConfig.require(
                name.matches("[A-Za-z0-9._-]{1,64}"), "head: want letters, digits, . _ -, got '%s'", name);
        return directory.resolve(HEADS).resolve(name);
    }
}
