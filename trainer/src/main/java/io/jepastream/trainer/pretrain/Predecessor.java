package io.jepastream.trainer.pretrain;

import ai.djl.ndarray.types.Shape;
import io.jepastream.encoder.EncoderConfig;
import io.jepastream.encoder.Predictor;
import io.jepastream.encoder.PredictorConfig;
import io.jepastream.encoder.VideoEncoder;
import io.jepastream.encoder.tensor.HostTensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * A checkpoint of another run that a run begins from: weights of all three networks and the optimiser's moments, but not the
 * place in the schedules, nor data and masks. V-JEPA 2's cool-down begins so, with longer clips and larger pictures; with
 * rotary positions no weight depends on either.
 *
 * @param file the checkpoint
 */
record Predecessor(Path file, TrainingState state) {
    /**
     * Finds the checkpoint that a path means.
     *
     * @param path a checkpoint, or the folder of a run, which means its latest
     * @return absolute
     * @throws NoSuchFileException if there is none
     */
    static Path find(Path path) throws IOException {
        Path file = path;
        if (Files.isDirectory(path)) {
            file = new Checkpoints(path, 1)
                    .latestFile()
                    .orElseThrow(
                            () -> new NoSuchFileException("from: want a run with checkpoints, got none in " + path));
        }
        if (!Files.isRegularFile(file)) {
            throw new NoSuchFileException("from: want a checkpoint or the folder of a run, got nothing at " + path);
        }
        return file.toAbsolutePath().normalize();
    }

    /**
     * Reads a checkpoint for a run.
     *
     * @throws IllegalArgumentException if it is of other networks, naming what differs first
     */
    static Predecessor read(Path file, Recipe recipe) throws IOException {
        TrainingState state = Checkpoints.read(file).state();
        EncoderConfig encoder = recipe.encoder();
        Map<String, Shape> shapes = VideoEncoder.shapes(encoder);
        Map<String, Shape> predictorShapes = Predictor.shapes(encoder, recipe.predictor());
        if (recipe.objective().pixels()) {
            predictorShapes.putAll(InitialWeights.pixelShapes(encoder));
        }
        requireSame(file, "encoder", state.encoder(), shapes);
        requireSame(file, "target encoder", state.target(), shapes);
        requireSame(file, "predictor", state.predictor(), predictorShapes);
        if (!encoder.useRope()) {
            requireTable(file, "pos_embed", state.encoder(), VideoEncoder.positionTable(encoder));
        }
        if (!recipe.predictor().useRope()) {
            float[] table = Predictor.positionTable(encoder, recipe.predictor());
            requireTable(file, "predictor_pos_embed", state.predictor(), table);
        }
        requireSameHeads(file, recipe);
        return new Predecessor(file, state);
    }

    private static void requireSame(Path file, String model, Map<String, HostTensor> got, Map<String, Shape> wanted) {
        wanted.forEach((name, shape) -> {
            HostTensor tensor = got.get(name);
            boolean same = tensor != null && new Shape(tensor.shape()).equals(shape);
            if (!same && name.endsWith("pos_embed")) {
                throw otherGrid(file, name);
            }
            require(
                    same,
                    "%s: %s: tensor '%s': want shape %s, got %s",
                    file,
                    model,
                    name,
                    shape,
                    tensor == null ? "none" : new Shape(tensor.shape()));
        });
        TreeSet<String> more = new TreeSet<>(got.keySet());
        more.removeAll(wanted.keySet());
        require(
                more.isEmpty(),
                "%s: %s: want %d tensors, got %d more, such as '%s'",
                file,
                model,
                wanted.size(),
                more.size(),
                more.isEmpty() ? "" : more.first());
    }

    private static void requireTable(Path file, String name, Map<String, HostTensor> state, float[] wanted) {
        HostTensor table = state.get(name);
        if (table == null || !Arrays.equals(table.floats(), wanted)) {
            throw otherGrid(file, name);
        }
    }

    private static IllegalArgumentException otherGrid(Path file, String name) {
        return new IllegalArgumentException(
                ("%s: %s: want the table of this run's frames and picture size, got another;"
                                + " a run with sin-cos tables begins only from one of the same grid")
                        .formatted(file, name));
    }

    /** Shapes do not tell how many heads share a matrix; the run's own configuration does, where it is there. */
    private static void requireSameHeads(Path file, Recipe recipe) throws IOException {
        Optional<Path> run = Optional.ofNullable(file.getParent()).map(Path::getParent);
        Optional<PretrainConfig> config = run.isPresent() ? new RunDirectory(run.get()).config() : Optional.empty();
        if (config.isPresent()) {
            Recipe before = new Recipe(config.get());
            EncoderConfig a = before.encoder();
            EncoderConfig b = recipe.encoder();
            require(
                    a.numHeads() == b.numHeads() && a.family() == b.family(),
                    "%s: encoder: want %d heads of %s, got %d of %s",
                    file,
                    b.numHeads(),
                    b.family().id(),
                    a.numHeads(),
                    a.family().id());
            PredictorConfig p = before.predictor();
            PredictorConfig q = recipe.predictor();
            require(
                    p.numHeads() == q.numHeads(),
                    "%s: predictor: want %d heads, got %d",
                    file,
                    q.numHeads(),
                    p.numHeads());
        }
    }

    private static void require(boolean good, String message, Object... values) {
        if (!good) {
            throw new IllegalArgumentException(String.format(Locale.ROOT, message, values));
        }
    }
}
