package io.jepastream.trainer.finetune;

import io.jepastream.encoder.tensor.HostTensor;
import io.jepastream.encoder.tensor.Safetensors;
import io.jepastream.trainer.checkpoint.CheckpointFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The checkpoints of a fine-tuning run, one after each epoch, of which the latest is kept: weights, moments, the best
 * weights so far, and what the run began with. Nothing random has a state of its own: all draws are of the seed and the
 * number of the step, which the epoch gives.
 */
final class FineTuneCheckpoints {
    private static final String BEGAN = "began.";
    private static final String BEST = "best.";

    private final Path run;
    private final Map<String, String> began;
    private final CheckpointFiles files;

    /**
     * What a run goes on from.
     *
     * @param result how it stands, the best weights included
     */
    record Saved(FineTuneStep.State state, FineTuning.Result result) {}

    /**
     * Names the run's folder, which need not be there.
     *
     * @param began all settings that later epochs depend on, by name
     */
    FineTuneCheckpoints(Path run, Map<String, String> began) {
        this.run = run;
        this.began = began;
        this.files = files(run);
    }

    static CheckpointFiles files(Path run) {
        return new CheckpointFiles(run, "epoch", 1);
    }

    void write(FineTuneStep.State state, FineTuning.Result result) throws IOException {
        Map<String, HostTensor> all = new LinkedHashMap<>();
        put(all, "", state.weights());
        state.optimiser().forEach((name, tensor) -> all.put("optimiser." + name, tensor));
        if (result.best().number() != result.last().number()) {
            put(all, BEST, result.weights());
        }
        Map<String, String> words = new LinkedHashMap<>();
        began.forEach((name, value) -> words.put(BEGAN + name, value));
        words.put("best", words(result.best()));
        words.put("last", words(result.last()));
        files.write(result.last().number(), all, words);
    }

    private static void put(Map<String, HostTensor> all, String prefix, FineTuneStep.Weights weights) {
        weights.encoder().forEach((name, tensor) -> all.put(prefix + "encoder." + name, tensor));
        weights.head().forEach((name, tensor) -> all.put(prefix + "head." + name, tensor));
    }

    private static String words(FineTuning.Epoch epoch) {
        return String.format(
                Locale.ROOT, "%d %s %s %s", epoch.number(), epoch.loss(), epoch.top1(), epoch.clipsPerSecond());
    }

    /**
     * The latest one.
     *
     * @throws IOException if it cannot be read, or is of a run with other settings
     */
    Optional<Saved> latest() throws IOException {
        Optional<Path> file = files.latest();
        if (file.isEmpty()) {
            return Optional.empty();
        }
        Safetensors tensors = Safetensors.open(file.get());
        requireSame(tensors.metadata());
        FineTuning.Epoch best = epoch(file.get(), tensors.metadata().get("best"));
        FineTuning.Epoch last = epoch(file.get(), tensors.metadata().get("last"));
        FineTuneStep.Weights weights = weights(tensors, "");
        FineTuneStep.State state = new FineTuneStep.State(weights, tensors.readAll("optimiser."));
        FineTuneStep.Weights chosen = best.number() == last.number() ? weights : weights(tensors, BEST);
        return Optional.of(new Saved(state, new FineTuning.Result(chosen, best, last)));
    }

    private static FineTuneStep.Weights weights(Safetensors tensors, String prefix) throws IOException {
        return new FineTuneStep.Weights(tensors.readAll(prefix + "encoder."), tensors.readAll(prefix + "head."));
    }

    private void requireSame(Map<String, String> words) throws IOException {
        List<String> different = new ArrayList<>();
        began.forEach((name, now) -> {
            String before = words.getOrDefault(BEGAN + name, "none");
            if (!before.equals(now)) {
                different.add("%s=%s, not %s".formatted(name, now, before));
            }
        });
        if (!different.isEmpty()) {
            throw new IOException("%s: want the settings that the run began with, got others: %s"
                    .formatted(run, String.join("; ", different)));
        }
    }

    private static FineTuning.Epoch epoch(Path file, @Nullable String words) throws IOException {
        try {
            String[] parts = (words == null ? "" : words).split(" ", -1);
            return new FineTuning.Epoch(
                    Integer.parseInt(parts[0]),
                    Double.parseDouble(parts[1]),
                    Double.parseDouble(parts[2]),
                    Double.parseDouble(parts[3]));
        } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
            throw new IOException("%s: want an epoch and three figures, got '%s'".formatted(file, words), e);
        }
    }
}
