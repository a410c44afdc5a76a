package io.jepastream.trainer.report;

import io.jepastream.encoder.ModelBundle;
import io.jepastream.encoder.tensor.DeviceExecutor;
import io.jepastream.trainer.pretrain.ClipBatches;
import io.jepastream.trainer.pretrain.PretrainConfig;
import io.jepastream.trainer.pretrain.Pretraining;
import io.jepastream.trainer.pretrain.Recipe;
import io.jepastream.trainer.pretrain.RunDirectory;
import io.jepastream.trainer.pretrain.VideoBatches;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The encoders of a report: each pretrained once for each seed, in {@code runs/NAME-seedN}, with its bundle in {@code model}. */
final class EncoderRuns {
    private static final String VIDEOS = "../../data/train";
    private static final int TRIAL_STEPS = 30;
    private static final int WARMING_STEPS = 10;

    private final ReportSettings settings;
    private final Results results;
    private final DeviceExecutor device;
    private final ReportListener listener;

    EncoderRuns(ReportSettings settings, Results results, DeviceExecutor device, ReportListener listener) {
        this.settings = settings;
        this.results = results;
        this.device = device;
        this.listener = listener;
    }

    /**
     * The bundle of an encoder; pretrains it, or goes on where a stop left it.
     *
     * @return empty where the listener asked to stop before the end
     */
    Optional<Path> encoder(Pretext pretext, long seed) throws IOException, InterruptedException {
        String name = "%s-seed%d".formatted(pretext.id(), seed);
        Path folder = results.folder(name);
        Path model = folder.resolve("model");
        if (!results.isDone(name)) {
            Recipe recipe = recipe(folder, pretext, settings, seed);
            if (!pretext.trained()) {
                draw(recipe, model, name);
                results.finish(name, Map.of(Results.SECONDS, 0.0));
            } else if (!pretrain(recipe, name, folder)) {
                return Optional.empty();
            }
        }
        return Optional.of(model);
    }

    private void draw(Recipe recipe, Path model, String name) throws IOException {
        ModelBundle.write(
                model,
                new ModelBundle.Draft(
                        name,
                        recipe.encoder(),
                        Optional.empty(),
                        recipe.draw().encoder(),
                        Map.of(),
                        Map.of(
                                "source",
                                "first weights, as drawn",
                                "seed",
                                Long.toString(recipe.config().seed()))));
    }

    private static Recipe recipe(Path folder, Pretext pretext, ReportSettings settings, long seed) throws IOException {
        Path file = Files.createDirectories(folder).resolve("pretrain.yaml");
        Files.writeString(file, pretext.yaml(settings, seed, VIDEOS));
        return new Recipe(PretrainConfig.read(file));
    }

    private boolean pretrain(Recipe recipe, String name, Path folder) throws IOException, InterruptedException {
        RunDirectory run = new RunDirectory(folder);
        ClipBatches.Opener data = VideoBatches.of(recipe, folder);
        run.open(recipe.config(), true);
        long steps = recipe.config().optimization().steps();
        long tenth = Math.max(1, steps / 10);
        double[] last = new double[3];
        try (Pretraining pretraining = new Pretraining(recipe, device, folder, true)) {
            // Seconds of the part before a stop are counted by its share of the steps.
            long before = pretraining.done();
            long started = System.nanoTime();
            pretraining.run(data, steps, progress -> {
                last[0] = progress.loss().total();
                last[1] = progress.effectiveRank();
                last[2] = progress.clipsPerSecond();
                if (progress.step() % tenth == 0) {
                    listener.say(String.format(
                            Locale.ROOT,
                            "%s: step %d of %d, loss %.4f, effective rank %.1f, %.1f clips/s",
                            name,
                            progress.step(),
                            steps,
                            last[0],
                            last[1],
                            last[2]));
                }
                if (listener.stopping()) {
                    pretraining.stop();
                }
            });
            if (pretraining.done() < steps) {
                return false;
            }
            double own = (System.nanoTime() - started) / 1e9;
            double seconds = before == steps ? own : own * steps / (steps - before);
            run.write(recipe, name, pretraining.state(), Map.of("source", "pretrained by jepa evaluate"));
            Map<String, Double> figures = new LinkedHashMap<>();
            figures.put(Results.SECONDS, seconds);
            figures.put("steps", (double) steps);
            if (before < steps) {
                figures.put("loss", last[0]);
                figures.put("effective_rank", last[1]);
            }
            results.finish(name, figures);
        }
        remove(folder.resolve("checkpoints"));
        return true;
    }

    /** Clips per second of pretraining on this machine now, by a few steps that are thrown away. */
    double speed(Path directory) throws IOException, InterruptedException {
        Path folder = directory.resolve("trial/pretrain");
        Recipe recipe = recipe(folder, Pretext.FEATURES, settings.withSteps(TRIAL_STEPS), 0);
        List<Double> clips = new ArrayList<>();
        try (Pretraining pretraining = new Pretraining(recipe, device, folder, false)) {
            pretraining.run(
                    VideoBatches.of(recipe, folder), TRIAL_STEPS, progress -> clips.add(progress.clipsPerSecond()));
        }
        remove(directory.resolve("trial"));
        List<Double> warm = clips.subList(WARMING_STEPS, clips.size());
        return warm.size() / warm.stream().mapToDouble(each -> 1 / each).sum();
    }

    /** Removes a folder, where it is there. */
    static void remove(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return;
        }
        List<Path> all;
        try (Stream<Path> inside = Files.walk(folder)) {
            all = inside.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path each : all) {
            Files.delete(each);
        }
    }
}
