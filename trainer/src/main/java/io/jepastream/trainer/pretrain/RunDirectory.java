package io.jepastream.trainer.pretrain;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import io.jepastream.encoder.ModelBundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/** What a run leaves on disk: {@code config.yaml}, {@code checkpoints/}, metrics and pictures, and {@code model/}. */
public final class RunDirectory {
    private static final ObjectMapper YAML =
            new ObjectMapper(new YAMLFactory().disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER));
    /** May change from one start to the next, because the weights do not depend on it. */
    private static final List<String> FREE_OF_DATA = List.of("threads", "cache", "videos", "lists", "pictures");

    private static final String FROM = "from";

    private final Path directory;

    /** Names a folder, which need not be there. */
    public RunDirectory(Path directory) {
        this.directory = directory;
    }

    public Path path() {
        return directory;
    }

    /** Where the trained model goes. */
    public Path model() {
        return directory.resolve("model");
    }

    /** As {@link #open(PretrainConfig, boolean, Optional)}, from drawn weights. */
    public void open(PretrainConfig config, boolean resume) throws IOException {
        open(config, resume, Optional.empty());
    }

    /**
     * Makes the directory for a new run, or checks that a run to go on with is of the same configuration.
     *
     * @param from a checkpoint, or the folder of another run, whose weights and moments the run begins with; a run to go on
     *     with has its own word for it and needs none
     * @throws IOException if there is a run already and none was asked for, or it was another one
     * @throws IllegalArgumentException if the checkpoint is of other networks, or the configuration changes first weights,
     *     which a run from a checkpoint does not draw
     */
    public void open(PretrainConfig config, boolean resume, Optional<Path> from) throws IOException {
        Path file = configFile();
        if (Files.exists(file)) {
            if (!resume) {
                throw new IOException(
                        "%s: want a new folder, or --resume, got one with a run in it".formatted(directory));
            }
            requireSame(Files.readString(file), config.toYaml());
            requireSame(from);
            return;
        }
        String origin = "";
        if (from.isPresent()) {
            Path checkpoint = Predecessor.find(from.get());
            Recipe recipe = new Recipe(config);
            if (!recipe.initChanges().isEmpty()) {
                throw new IllegalArgumentException(
                        "init: want none in a run that takes its first weights from a checkpoint, %s, got %s"
                                .formatted(checkpoint, recipe.initChanges()));
            }
            Predecessor.read(checkpoint, recipe);
            origin = YAML.writeValueAsString(Map.of(FROM, checkpoint.toString()));
        }
        Files.createDirectories(directory);
        Files.writeString(file, config.toYaml() + origin);
    }

    private Path configFile() {
        return directory.resolve("config.yaml");
    }

    private void requireSame(Optional<Path> from) throws IOException {
        Optional<Path> before = from();
        if (from.isPresent()
                && !before.map(file ->
                                file.startsWith(from.get().toAbsolutePath().normalize()))
                        .orElse(false)) {
            throw new IOException("%s: want the checkpoint that the run began from, %s, got %s"
                    .formatted(directory, before.map(Path::toString).orElse("none"), from.get()));
        }
    }

    /** The checkpoint that the run began from; none for drawn weights. */
    public Optional<Path> from() throws IOException {
        Path file = configFile();
        JsonNode from =
                Files.exists(file) ? YAML.readTree(Files.readString(file)).path(FROM) : YAML.nullNode();
        return from.isTextual() ? Optional.of(Path.of(from.asText())) : Optional.empty();
    }

    /** The configuration that the run began with, where there is one. */
    Optional<PretrainConfig> config() throws IOException {
        Path file = configFile();
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        ObjectNode tree = (ObjectNode) YAML.readTree(Files.readString(file));
        tree.remove(FROM);
        return Optional.of(PretrainConfig.stored(YAML.writeValueAsString(tree)));
    }

    private void requireSame(String before, String now) throws IOException {
        JsonNode old = fixed(before);
        JsonNode own = fixed(now);
        TreeSet<String> differing = new TreeSet<>();
        own.fieldNames().forEachRemaining(field -> {
            if (!own.path(field).equals(old.path(field))) {
                differing.add(field);
            }
        });
        if (!differing.isEmpty()) {
            throw new IOException("%s: want the configuration that the run began with, got another: %s differ"
                    .formatted(directory, differing));
        }
    }

    private static JsonNode fixed(String text) throws IOException {
        ObjectNode tree = (ObjectNode) YAML.readTree(text);
        // Which devices they are is free, how many is not: each has masks and clips of its own.
        JsonNode devices = tree.path("run").path("devices");
        tree.put("devices", Math.max(1, devices.size()));
        tree.remove(List.of("run", FROM));
        if (tree.get("data") instanceof ObjectNode data) {
            data.remove(FREE_OF_DATA);
            data.path("sets").forEach(set -> ((ObjectNode) set).remove(FREE_OF_DATA));
        }
        withoutNulls(tree);
        return tree;
    }

    /** Fields that are not set: a later version may know more of them. */
    private static void withoutNulls(JsonNode node) {
        if (node instanceof ObjectNode object) {
            object.properties().removeIf(field -> field.getValue().isNull());
        }
        node.forEach(RunDirectory::withoutNulls);
    }

    /**
     * Writes what a run has learnt as a bundle: the target encoder, which evaluations take, and the predictor. With pixels
     * as targets there is none that learns, so then it is the encoder, and no predictor.
     *
     * @param provenance command, data and so on; gets {@code init} and {@code targets} where they are not the reference's
     */
    public ModelBundle write(Recipe recipe, String name, TrainingState state, Map<String, String> provenance)
            throws IOException {
        boolean pixels = recipe.objective().pixels();
        Map<String, String> whole = new TreeMap<>(provenance);
        if (from().isEmpty() && !recipe.initChanges().isEmpty()) {
            whole.put("init", recipe.initChanges());
        }
        if (recipe.objective().whiten()) {
            whole.put("targets", "whitened");
        }
        return ModelBundle.write(
                model(),
                new ModelBundle.Draft(
                        name,
                        recipe.encoder(),
                        pixels ? Optional.empty() : Optional.of(recipe.predictor()),
                        pixels ? state.encoder() : state.target(),
                        pixels ? Map.of() : state.predictor(),
                        whole));
    }
}
