package io.jepastream.trainer.pretrain;

import io.jepastream.encoder.tensor.HostTensor;
import io.jepastream.encoder.tensor.Safetensors;
import io.jepastream.encoder.tensor.SafetensorsWriter;
import io.jepastream.trainer.mask.TorchRandom;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The checkpoints of a run: {@code checkpoints/step-N.safetensors}, each whole or absent, holding everything that later
 * steps depend on: weights, moments, and the state of the random numbers after step N.
 */
final class Checkpoints {
    private static final Pattern NAME = Pattern.compile("step-(\\d{1,18})\\.safetensors");
    private static final String RANDOM = "random";

    private final Path directory;
    private final int keep;

    /**
     * What a run goes on from.
     *
     * @param step steps that are done
     * @param random numbers of the masks, of each device
     */
    record Saved(long step, TrainingState state, List<TorchRandom> random) {
        Saved {
            random = List.copyOf(random);
        }
    }

    Checkpoints(Path run, int keep) {
        this.directory = run.resolve("checkpoints");
        this.keep = keep;
    }

    /** Writes one, then removes all but the latest few. */
    Path write(long step, TrainingState state, List<TorchRandom> random) throws IOException {
        Files.createDirectories(directory);
        Map<String, HostTensor> all = new LinkedHashMap<>();
        parts(state).forEach((part, tensors) -> tensors.forEach((name, tensor) -> all.put(part + name, tensor)));
        for (int rank = 0; rank < random.size(); rank++) {
            long[] numbers =
                    Arrays.stream(random.get(rank).snapshot()).asLongStream().toArray();
            all.put(random(rank), HostTensor.of(numbers, numbers.length));
        }
        Path file = directory.resolve("step-%d.safetensors".formatted(step));
        SafetensorsWriter.write(file, all, Map.of("step", Long.toString(step)));
        List<Path> files = files();
        for (Path old : files.subList(0, Math.max(0, files.size() - keep))) {
            Files.delete(old);
        }
        return file;
    }

    private static Map<String, Map<String, HostTensor>> parts(TrainingState state) {
        Map<String, Map<String, HostTensor>> parts = new LinkedHashMap<>();
        parts.put("encoder.", state.encoder());
        parts.put("predictor.", state.predictor());
        parts.put("target.", state.target());
        parts.put("optimiser.", state.optimiser());
        return parts;
    }

    /** The latest one. */
    Optional<Saved> latest() throws IOException {
        Optional<Path> file = latestFile();
        return file.isPresent() ? Optional.of(read(file.get())) : Optional.empty();
    }

    /** The file of the latest one. */
    Optional<Path> latestFile() throws IOException {
        List<Path> files = files();
        return files.isEmpty() ? Optional.empty() : Optional.of(files.get(files.size() - 1));
    }

    /** Reads any run's. */
    static Saved read(Path file) throws IOException {
        Safetensors tensors = Safetensors.open(file);
        List<TorchRandom> random = new ArrayList<>();
        while (tensors.names().contains(random(random.size()))) {
            int[] numbers = Arrays.stream(tensors.read(random(random.size())).longs())
                    .mapToInt(value -> (int) value)
                    .toArray();
            random.add(TorchRandom.restore(numbers));
        }
        TrainingState state = new TrainingState(
                tensors.readAll("encoder."),
                tensors.readAll("predictor."),
                tensors.readAll("target."),
                tensors.readAll("optimiser."));
        return new Saved(step(file), state, random);
    }

    /** Name of a device's random numbers: the first's as it was when there was one device only. */
    private static String random(int rank) {
        return rank == 0 ? RANDOM : RANDOM + "." + rank;
    }

    /** Those there are, by step. */
    private List<Path> files() throws IOException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.filter(file ->
                            NAME.matcher(String.valueOf(file.getFileName())).matches())
                    .sorted((a, b) -> Long.compare(step(a), step(b)))
                    .toList();
        }
    }

    private static long step(Path file) {
        Matcher matcher = NAME.matcher(String.valueOf(file.getFileName()));
        return matcher.matches() ? Long.parseLong(matcher.group(1)) : -1;
    }
}
