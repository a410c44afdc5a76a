package io.jepastream.trainer.checkpoint;

import io.jepastream.encoder.tensor.HostTensor;
import io.jepastream.encoder.tensor.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Numbered files of tensors in a run's folder {@code checkpoints}: {@code UNIT-N.safetensors}, each whole or absent, of
 * which the latest few are kept. For one process at a time.
 */
public final class CheckpointFiles {
    private final Path directory;
    private final String unit;
    private final int keep;
    private final Pattern name;
    private final Pattern unfinished;

    /**
     * Names a folder, which need not be there.
     *
     * @param run the run's folder
     * @param unit what is counted, such as {@code step}
     * @param keep how many are kept, 1 or more
     */
    public CheckpointFiles(Path run, String unit, int keep) {
        this.directory = run.resolve("checkpoints");
        this.unit = unit;
        this.keep = keep;
        this.name = Pattern.compile(Pattern.quote(unit) + "-(\\d{1,18})\\.safetensors");
        this.unfinished = Pattern.compile(Pattern.quote(unit) + "-\\d{1,18}\\.safetensors\\..*\\.tmp");
    }

    /** Writes one, then removes all but the latest few, and what a kill left half written. */
    public Path write(long number, Map<String, HostTensor> tensors, Map<String, String> metadata) throws IOException {
        Files.createDirectories(directory);
        Path file = directory.resolve("%s-%d.safetensors".formatted(unit, number));
        SafetensorsWriter.write(file, tensors, metadata);
        List<Path> files = files();
        for (Path old : files.subList(0, Math.max(0, files.size() - keep))) {
            Files.delete(old);
        }
        for (Path half : entries(unfinished.asMatchPredicate())) {
            Files.delete(half);
        }
        return file;
    }

    /** The latest one. */
    public Optional<Path> latest() throws IOException {
        List<Path> files = files();
        return files.isEmpty() ? Optional.empty() : Optional.of(files.get(files.size() - 1));
    }

    /** The number of a file that {@link #latest} gave. */
    public long number(Path file) {
        Matcher matcher = name.matcher(String.valueOf(file.getFileName()));
        return matcher.matches() ? Long.parseLong(matcher.group(1)) : -1;
    }

    /** Removes all of them, and the folder if nothing else is in it. */
    public void remove() throws IOException {
        for (Path file : entries(name.asMatchPredicate().or(unfinished.asMatchPredicate()))) {
            Files.delete(file);
        }
        if (Files.isDirectory(directory) && entries(any -> true).isEmpty()) {
            Files.delete(directory);
        }
    }

    /** Those there are, by number. */
    private List<Path> files() throws IOException {
        return entries(name.asMatchPredicate()).stream()
                .sorted(Comparator.comparingLong(this::number))
                .toList();
    }

    private List<Path> entries(Predicate<String> named) throws IOException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.filter(file -> named.test(String.valueOf(file.getFileName())))
                    .toList();
        }
    }
}
