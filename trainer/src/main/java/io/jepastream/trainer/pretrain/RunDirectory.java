package io.jepastream.trainer.pretrain;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.jepastream.encoder.ModelBundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/** What a run leaves on disk: {@code config.yaml}, {@code checkpoints/}, metrics and pictures, and {@code model/}. */
public final class RunDirectory {
    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory());
    /** May change from one start to the next, because the weights do not depend on it. */
    private static final List<String> FREE_OF_DATA = List.of("threads", "cache", "videos", "lists");

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

    /**
     * Makes the directory for a new run, or checks that a run to go on with is of the same configuration.
     *
     * @throws IOException if there is a run already and none was asked for, or it was another one
     */
    public void open(PretrainConfig config, boolean resume) throws IOException {
        Path file = directory.resolve("config.yaml");
        if (Files.exists(file)) {
            if (!resume) {
                throw new IOException(
                        "%s: want a new folder, or --resume, got one with a run in it".formatted(directory));
            }
            requireSame(Files.readString(file), config.toYaml());
        } else {
            Files.createDirectories(directory);
            Files.writeString(file, config.toYaml());
        }
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
        tree.remove("run");
        if (tree.get("data") instanceof ObjectNode data) {
            data.remove(FREE_OF_DATA);
        }
        return tree;
    }

    /**
     * Writes what a run has learnt as a bundle: the target encoder, which evaluations take, and the predictor. With pixels
     * as targets there is none that learns, so then it is the encoder, and no predictor.
     *
     * @param provenance command, data and so on
     */
    public ModelBundle write(Recipe recipe, String name, TrainingState state, Map<String, String> provenance)
            throws IOException {
        boolean pixels = recipe.objective().pixels();
        return ModelBundle.write(
                model(),
                new ModelBundle.Draft(
                        name,
                        recipe.encoder(),
                        pixels ? Optional.empty() : Optional.of(recipe.predictor()),
                        pixels ? state.encoder() : state.target(),
                        pixels ? Map.of() : state.predictor(),
                        provenance));
    }
}
