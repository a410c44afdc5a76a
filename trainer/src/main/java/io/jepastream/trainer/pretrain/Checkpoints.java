package io.jepastream.trainer.pretrain;

import io.jepastream.encoder.tensor.HostTensor;
import io.jepastream.encoder.tensor.Safetensors;
import io.jepastream.trainer.checkpoint.CheckpointFiles;
import io.jepastream.trainer.mask.TorchRandom;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The checkpoints of a run: {@code checkpoints/step-N.safetensors}, each whole or absent, holding everything that later
 * steps depend on: weights, moments, and the state of the random numbers after step N.
 */
final class Checkpoints {
    private static final String RANDOM = "random";

    private final CheckpointFiles files;

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
        this.files = new CheckpointFiles(run, "step", keep);
    }

    /** Writes one, then removes all but the latest few. */
    Path write(long step, TrainingState state, List<TorchRandom> random) throws IOException {
        Map<String, HostTensor> all = new LinkedHashMap<>();
        parts(state).forEach((part, tensors) -> tensors.forEach((name, tensor) -> all.put(part + name, tensor)));
        for (int rank = 0; rank < random.size(); rank++) {
            long[] numbers =
                    Arrays.stream(random.get(rank).snapshot()).asLongStream().toArray();
            all.put(random(rank), HostTensor.of(numbers, numbers.length));
        }
        return files.write(step, all, Map.of("step", Long.toString(step)));
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
        return files.latest();
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
        return new Saved(step(tensors), state, random);
    }

    private static long step(Safetensors tensors) {
        return Long.parseLong(tensors.metadata().getOrDefault("step", "0"));
    }

    /** Name of a device's random numbers: the first's as it was when there was one device only. */
    private static String random(int rank) {
        return rank == 0 ? RANDOM : RANDOM + "." + rank;
    }
}
