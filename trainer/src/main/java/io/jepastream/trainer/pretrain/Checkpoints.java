package io.jepastream.trainer.pretrain;

import io.jepastream.encoder.tensor.HostTensor;
import io.jepastream.encoder.tensor.Safetensors;
import io.jepastream.trainer.checkpoint.CheckpointFiles;
import io.jepastream.trainer.mask.TorchRandom;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
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
     * @param random numbers of the masks
     */
    record Saved(long step, TrainingState state, TorchRandom random) {}

    Checkpoints(Path run, int keep) {
        this.files = new CheckpointFiles(run, "step", keep);
    }

    /** Writes one, then removes all but the latest few. */
    Path write(long step, TrainingState state, TorchRandom random) throws IOException {
        Map<String, HostTensor> all = new LinkedHashMap<>();
        parts(state).forEach((part, tensors) -> tensors.forEach((name, tensor) -> all.put(part + name, tensor)));
        long[] numbers = Arrays.stream(random.snapshot()).asLongStream().toArray();
        all.put(RANDOM, HostTensor.of(numbers, numbers.length));
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
        Optional<Path> file = files.latest();
        if (file.isEmpty()) {
            return Optional.empty();
        }
        Safetensors tensors = Safetensors.open(file.get());
        int[] numbers = Arrays.stream(tensors.read(RANDOM).longs())
                .mapToInt(value -> (int) value)
                .toArray();
        TrainingState state = new TrainingState(
                tensors.readAll("encoder."),
                tensors.readAll("predictor."),
                tensors.readAll("target."),
                tensors.readAll("optimiser."));
        return Optional.of(new Saved(files.number(file.get()), state, TorchRandom.restore(numbers)));
    }
}
