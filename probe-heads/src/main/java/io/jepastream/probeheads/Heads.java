package io.jepastream.probeheads;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jepastream.encoder.Digest;
import io.jepastream.encoder.JsonFile;
import io.jepastream.encoder.ModelBundle;
import io.jepastream.encoder.tensor.HostTensor;
import io.jepastream.encoder.tensor.Safetensors;
import io.jepastream.encoder.tensor.SafetensorsWriter;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The heads of a bundle: {@code heads/NAME/} with {@code config.json}, {@code head.safetensors}, {@code labels.txt}. */
public final class Heads {
    private static final String CONFIG = "config.json";
    private static final String WEIGHTS = "head.safetensors";
    private static final String LABELS = "labels.txt";
    private static final int MOST_LABEL_BYTES = 16 << 20;
    private static final ObjectMapper JSON = new ObjectMapper();

    private Heads() {}

    /** All heads of a bundle, sorted by name. */
    public static List<ProbeHead> openAll(ModelBundle bundle) throws IOException {
        return open(bundle, bundle.headNames());
    }

    /**
     * The named heads, in that order.
     *
     * @throws IllegalArgumentException for an unknown name, or a head that does not fit the bundle
     */
    public static List<ProbeHead> open(ModelBundle bundle, List<String> names) throws IOException {
        List<ProbeHead> heads = new ArrayList<>();
        for (String name : names) {
            heads.add(open(bundle, name));
        }
        return List.copyOf(heads);
    }

    private static ProbeHead open(ModelBundle bundle, String name) throws IOException {
        Path directory = bundle.headDirectory(name);
        List<Path> files = List.of(directory.resolve(CONFIG), directory.resolve(WEIGHTS), directory.resolve(LABELS));
        for (Path file : files) {
            if (!Files.isRegularFile(file)) {
                throw new NoSuchFileException("head %s: want a file %s, got none".formatted(name, file));
            }
            ModelBundle.requireInside(bundle.directory(), file);
        }
        ProbeConfig config = config(name, files.get(0));
        Map<String, HostTensor> state = Safetensors.open(files.get(1)).readAll("");
        return new ProbeHead(name, config, state, labels(files.get(2)), Digest.of(files));
    }

    private static List<String> labels(Path file) throws IOException {
        long bytes = Files.size(file);
        if (bytes > MOST_LABEL_BYTES) {
            throw new IOException("%s: want at most %d bytes, got %d".formatted(file, MOST_LABEL_BYTES, bytes));
        }
        try {
            return Files.readAllLines(file).stream()
                    .map(String::strip)
                    .filter(line -> !line.isEmpty())
                    .toList();
        } catch (CharacterCodingException e) {
            throw new IOException("%s: want UTF-8, got %s".formatted(file, e.getMessage()), e);
        }
    }

    /** Writes a head into a bundle, replacing one of the same name. */
    public static void write(
            ModelBundle bundle, String name, ProbeConfig config, Map<String, HostTensor> state, List<String> labels)
            throws IOException {
        write(bundle, name, new HeadImport.Imported(config, state), labels, Map.of());
    }

    /**
     * Writes a head into a bundle, replacing one of the same name.
     *
     * @param provenance source and the like: free text by name
     * @throws IllegalArgumentException if it does not fit the encoder, or there is not one label for each class
     */
    public static void write(
            ModelBundle bundle,
            String name,
            HeadImport.Imported head,
            List<String> labels,
            Map<String, String> provenance)
            throws IOException {
        ProbeConfig config = head.config();
        requireFit(bundle, name, config, labels);
        Path directory = Files.createDirectories(bundle.newHeadDirectory(name));
        SafetensorsWriter.write(directory.resolve(WEIGHTS), head.state(), Map.of());
        Files.writeString(directory.resolve(LABELS), String.join("\n", labels) + "\n");
        ObjectNode node = JSON.createObjectNode()
                .put("kind", config.kind().id())
                .put("embed_dim", config.embedDim())
                .put("num_heads", config.numHeads())
                .put("mlp_ratio", config.mlpRatio())
                .put("depth", config.depth())
                .put("num_classes", config.numClasses())
                .put("norm_eps", config.normEps());
        if (!config.completeBlock()) {
            node.put("complete_block", false);
        }
        if (!config.outLayers().isEmpty()) {
            config.outLayers().forEach(node.putArray("out_layers")::add);
        }
        if (!provenance.isEmpty()) {
            node.set("provenance", JSON.valueToTree(new TreeMap<>(provenance)));
        }
        String text = JSON.writerWithDefaultPrettyPrinter().writeValueAsString(node) + "\n";
        Files.writeString(directory.resolve(CONFIG), text);
    }

    private static void requireFit(ModelBundle bundle, String name, ProbeConfig config, List<String> labels) {
        if (config.embedDim() != bundle.encoder().embedDim()) {
            throw new IllegalArgumentException("head %s: want the encoder's width %d, got %d"
                    .formatted(name, bundle.encoder().embedDim(), config.embedDim()));
        }
        if (labels.size() != config.numClasses()) {
            throw new IllegalArgumentException(
                    "head %s: want %d labels, got %d".formatted(name, config.numClasses(), labels.size()));
        }
    }

    private static ProbeConfig config(String name, Path file) throws IOException {
        JsonNode node = JsonFile.read(file);
        return new ProbeConfig(
                ProbeConfig.Kind.named(required(name, node, "kind").asText()),
                required(name, node, "embed_dim").asInt(),
                required(name, node, "num_heads").asInt(),
                node.path("mlp_ratio").asDouble(4),
                node.path("depth").asInt(1),
                required(name, node, "num_classes").asInt(),
                node.path("norm_eps").asDouble(1e-5),
                node.path("complete_block").asBoolean(true),
                layers(node.path("out_layers")));
    }

    private static List<Integer> layers(JsonNode node) {
        List<Integer> layers = new ArrayList<>();
        node.forEach(layer -> layers.add(layer.asInt(-1)));
        return layers;
    }

    private static JsonNode required(String name, JsonNode node, String field) {
        if (!node.hasNonNull(field)) {
            throw new IllegalArgumentException(
                    "head %s: config.json: want a field '%s', got %s".formatted(name, field, node));
        }
        return node.get(field);
    }
}
