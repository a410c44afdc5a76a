package io.jepastream.trainer.report;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;

/** The finished runs of a report: {@code runs/NAME/done.json}, figures by name, whole or not there. */
final class Results {
    static final String TOP1 = "top1";
    static final String SECONDS = "seconds";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path runs;
    private final List<Long> seeds;
    private final Map<String, Map<String, Double>> known = new HashMap<>();

    Results(Path directory, List<Long> seeds) {
        this.runs = directory.resolve("runs");
        this.seeds = List.copyOf(seeds);
    }

    List<Long> seeds() {
        return seeds;
    }

    /** Folder of a run, which need not be there. */
    Path folder(String run) {
        return runs.resolve(run);
    }

    /** Figures of a run, if it is done. */
    Optional<Map<String, Double>> find(String run) {
        return Optional.ofNullable(known.get(run));
    }

    /** Reads the figures of a run from disk, if it is done. */
    boolean isDone(String run) throws IOException {
        Path file = folder(run).resolve("done.json");
        if (!known.containsKey(run) && Files.exists(file)) {
            known.put(run, JSON.readValue(file.toFile(), new TypeReference<Map<String, Double>>() {}));
        }
        return known.containsKey(run);
    }

    /** Marks a run as done. */
    void finish(String run, Map<String, Double> figures) throws IOException {
        Path folder = Files.createDirectories(folder(run));
        Path fresh = folder.resolve("done.json.tmp");
        JSON.writerWithDefaultPrettyPrinter().writeValue(fresh.toFile(), new TreeMap<>(figures));
        Files.move(fresh, folder.resolve("done.json"), StandardCopyOption.ATOMIC_MOVE);
        known.put(run, Map.copyOf(figures));
    }

    /** A figure of a run. */
    OptionalDouble figure(String run, String name) {
        Double value = known.getOrDefault(run, Map.of()).get(name);
        return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
    }

    /** Held-out top-1 of a variant, 0 to 1. */
    OptionalDouble top1(Variant variant, long seed) {
        return figure(variant.run(seed), TOP1);
    }

    /** Held-out top-1 of a variant over the seeds that are done. */
    Spread spread(Variant variant) {
        return Spread.of(seeds.stream()
                .flatMap(seed -> top1(variant, seed).stream().boxed())
                .toList());
    }
}
