package io.jepastream.trainer.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.TreeMap;

/**
 * How a report began, {@code settings.yaml}: what all its runs share and cannot change, and how long it was to take.
 *
 * @param task of the videos
 * @param surface of their worlds
 * @param train videos
 * @param val videos
 * @param steps of each pretraining
 * @param size name of the scale
 * @param precision of matrix products
 * @param clipsPerSecond measured before the first run
 * @param estimatedSeconds of what was asked for then
 */
record Begun(
        String task,
        String surface,
        int train,
        int val,
        int steps,
        String size,
        String precision,
        double clipsPerSecond,
        double estimatedSeconds) {
    private static final ObjectMapper YAML = new ObjectMapper(new YAMLFactory())
            .setPropertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES);

    static Begun of(ReportSettings s, Estimate estimate) {
        return new Begun(
                s.task().toString(),
                s.surface().label(),
                s.train(),
                s.val(),
                s.steps(),
                s.scale().name(),
                s.precision().toString(),
                estimate.clipsPerSecond(),
                estimate.seconds(s.steps()));
    }

    /**
     * How the report in a folder began, if there is one.
     *
     * @throws IOException if its settings are not those of this version
     */
    static Optional<Begun> read(Path directory) throws IOException {
        Path file = directory.resolve("settings.yaml");
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            return Optional.of(YAML.readValue(file.toFile(), Begun.class));
        } catch (JsonProcessingException e) {
            throw new IOException(
                    "report %s: want one of this version, or a new folder, got %s"
                            .formatted(directory, e.getOriginalMessage()),
                    e);
        }
    }

    void write(Path directory) throws IOException {
        Path fresh = directory.resolve("settings.yaml.tmp");
        YAML.writeValue(fresh.toFile(), this);
        Files.move(fresh, directory.resolve("settings.yaml"), StandardCopyOption.ATOMIC_MOVE);
    }

    /**
     * Checks that a report may go on with these settings; 0 steps stand for those it began with.
     *
     * @throws IOException naming what differs
     */
    void require(ReportSettings s, Path directory) throws IOException {
        TreeMap<String, String> differing = new TreeMap<>();
        compare(differing, "task", task, s.task().toString());
        compare(differing, "surface", surface, s.surface().label());
        compare(differing, "train", train, s.train());
        compare(differing, "val", val, s.val());
        compare(differing, "steps", steps, s.steps() == 0 ? steps : s.steps());
        compare(differing, "size", size, s.scale().name());
        compare(differing, "precision", precision, s.precision().toString());
        if (!differing.isEmpty()) {
            throw new IOException("report %s: want the settings that it began with, or a new folder, got %s"
                    .formatted(directory, differing));
        }
    }

    private static void compare(TreeMap<String, String> differing, String name, Object began, Object now) {
        if (!began.equals(now)) {
            differing.put(name, "%s, not %s".formatted(now, began));
        }
    }
}
