package io.jepastream.trainer.report;

import io.jepastream.encoder.ModelOptions;
import io.jepastream.encoder.tensor.DeviceExecutor;
import io.jepastream.trainer.data.SynthSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A report of the paper's comparisons (arXiv:2404.08471): videos, encoders, measurements, text. Whatever is done stays done:
 * a report that was stopped or killed goes on where it was, a pretraining from its latest checkpoint.
 *
 * <pre>
 *   DIR/settings.yaml              how it began
 *   DIR/data/                      the generated videos
 *   DIR/runs/ENCODER-seedN/        a pretraining: config, metrics, pictures, model/, done.json
 *   DIR/runs/ENCODER-seedN-HOW/    a measurement: done.json
 *   DIR/report.md, report.csv, NAME.png
 * </pre>
 */
public final class Report {
    private final ReportSettings settings;
    private final Path directory;
    private final DeviceExecutor device;
    private final ModelOptions options;
    private final ReportListener listener;

    /**
     * Prepares a report; nothing is read or written yet.
     *
     * @param directory new, or of a report to go on with
     * @param device for training; the caller closes it
     * @param options of frozen encoders, on the same device
     */
    public Report(
            ReportSettings settings,
            Path directory,
            DeviceExecutor device,
            ModelOptions options,
            ReportListener listener) {
        this.settings = settings;
        this.directory = directory;
        this.device = device;
        this.options = options;
        this.listener = listener;
    }

    /**
     * Does what is missing and writes the report, also where it is stopped.
     *
     * @return whether it is whole
     * @throws IOException if the folder holds another report, or cannot be written
     */
    public boolean run() throws IOException, InterruptedException {
        Files.createDirectories(directory);
        Optional<Begun> before = Begun.read(directory);
        if (before.isPresent()) {
            before.get().require(settings, directory);
        }
        makeVideos();
        Begun begun = before.isPresent() ? before.get() : begin();
        ReportSettings whole = settings.withSteps(begun.steps());
        Results results = new Results(directory, whole.seeds());
        ReportWriter writer = new ReportWriter(whole, begun, results, directory);
        boolean done = runAll(whole, results, writer);
        writer.write(Instant.now());
        return done;
    }

    private void makeVideos() throws IOException {
        SynthSet.Settings videos =
                settings.scale().videos(settings.task(), settings.surface(), settings.train(), settings.val());
        Path data = directory.resolve("data");
        listener.say("videos: %d and %d of %s, %s"
                .formatted(
                        settings.train(),
                        settings.val(),
                        settings.task(),
                        settings.surface().label()));
        new SynthSet(videos).write(data, () -> {});
    }

    private Begun begin() throws IOException, InterruptedException {
        EncoderRuns trial = new EncoderRuns(settings, new Results(directory, settings.seeds()), device, listener);
        Estimate estimate = new Estimate(settings, trial.speed(directory));
        int steps = settings.steps() == 0 ? estimate.steps() : settings.steps();
        Begun begun = Begun.of(settings.withSteps(steps), estimate);
        listener.say(String.format(
                Locale.ROOT,
                "estimate: %.0f minutes for %d steps of each pretraining, from %.1f clips/s; other work on the machine adds to it",
                Math.ceil(begun.estimatedSeconds() / 60),
                steps,
                begun.clipsPerSecond()));
        begun.write(directory);
        return begun;
    }

    /** Encoder by encoder, so that its features are needed but once; returns whether it came to the end. */
    private boolean runAll(ReportSettings whole, Results results, ReportWriter writer)
            throws IOException, InterruptedException {
        EncoderRuns encoders = new EncoderRuns(whole, results, device, listener);
        MeasureRuns measures = new MeasureRuns(whole, directory.resolve("data"), device, options);
        boolean done = true;
        for (long seed : whole.seeds()) {
            for (Map.Entry<Pretext, Set<Variant>> entry : byEncoder(whole).entrySet()) {
                done = done && encoder(entry.getKey(), entry.getValue(), seed, encoders, measures, results);
                loadFinished(entry.getValue(), entry.getKey(), seed, results);
            }
            writer.write(Instant.now());
        }
        return done;
    }

    /** Variants by their encoder; those that are measured alike, once. */
    private static Map<Pretext, Set<Variant>> byEncoder(ReportSettings settings) {
        Map<Pretext, Set<Variant>> all = new LinkedHashMap<>();
        Set<String> seen = new LinkedHashSet<>();
        for (Study study : settings.studies()) {
            for (Variant variant : study.variants()) {
                if (seen.add(variant.run(0))) {
                    all.computeIfAbsent(variant.pretext(), pretext -> new LinkedHashSet<>())
                            .add(variant);
                }
            }
        }
        return all;
    }

    /** A report that is stopped tells of what was done before all the same. */
    private static void loadFinished(Set<Variant> variants, Pretext pretext, long seed, Results results)
            throws IOException {
        results.isDone("%s-seed%d".formatted(pretext.id(), seed));
        for (Variant variant : variants) {
            results.isDone(variant.run(seed));
        }
    }

    private boolean encoder(
            Pretext pretext,
            Set<Variant> variants,
            long seed,
            EncoderRuns encoders,
            MeasureRuns measures,
            Results results)
            throws IOException, InterruptedException {
        if (listener.stopping()) {
            return false;
        }
        Optional<Path> model = encoders.encoder(pretext, seed);
        if (model.isEmpty()) {
            return false;
        }
        Path features = model.get().resolveSibling("features");
        for (Variant variant : variants) {
            String run = variant.run(seed);
            if (!results.isDone(run)) {
                if (listener.stopping()) {
                    return false;
                }
                long started = System.nanoTime();
                double top1 = measures.measure(variant.measure(), model.get(), features, seed);
                double seconds = (System.nanoTime() - started) / 1e9;
                results.finish(run, Map.of(Results.TOP1, top1, Results.SECONDS, seconds));
                listener.say(String.format(Locale.ROOT, "%s: top-1 %.1f %%, %.0f s", run, 100 * top1, seconds));
            }
        }
        EncoderRuns.remove(features);
        return true;
    }
}
