package io.jepastream.trainer.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.Collectors;

/** Writes {@code report.md}, {@code report.csv} and a picture of each study from the runs that are done. */
final class ReportWriter {
    private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("d MMMM yyyy, HH:mm 'UTC'", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);

    private final ReportSettings settings;
    private final Begun begun;
    private final Results results;
    private final Path directory;

    /** Writes into the directory of {@code results}. */
    ReportWriter(ReportSettings settings, Begun begun, Results results, Path directory) {
        this.settings = settings;
        this.begun = begun;
        this.results = results;
        this.directory = directory;
    }

    /** Writes all of it, with what is not done left open. */
    void write(Instant now) throws IOException {
        StringBuilder text = new StringBuilder();
        head(text, now);
        for (Study study : settings.studies()) {
            study(text, study);
        }
        runs(text);
        deviations(text);
        Files.writeString(directory.resolve("report.md"), text);
        Files.writeString(directory.resolve("report.csv"), csv());
    }

    private static void line(StringBuilder text, String format, Object... values) {
        text.append(String.format(Locale.ROOT, format, values)).append('\n');
    }

    private void head(StringBuilder text, Instant now) {
        Map<String, Double> seconds = seconds();
        double sum = seconds.values().stream().mapToDouble(Double::doubleValue).sum();
        int classes = settings.task().classes().size();
        ReportScale s = settings.scale();
        line(text, "# V-JEPA's comparisons, in small%n");
        line(
                text,
                "The comparisons of arXiv:2404.08471 repeated with small models on generated videos. The paper's figures stand"
                        + " beside ours for their order, not their height: data, models and steps are others.%n");
        line(text, "| | |%n|---|---|");
        line(text, "| written | %s |", DAY.format(now));
        line(text, "| command | `%s` |", settings.command());
        line(
                text,
                "| machine | %d cores, %s %s |",
                Runtime.getRuntime().availableProcessors(),
                System.getProperty("os.name"),
                System.getProperty("os.arch"));
        line(text, "| Java | %s, %s |", System.getProperty("java.vm.name"), Runtime.version());
        line(
                text,
                "| data | %s, %s: %d classes (chance %.1f %%), %d videos to train with, %d to measure with |",
                settings.task(),
                settings.surface().label(),
                classes,
                100.0 / classes,
                settings.train(),
                settings.val());
        line(
                text,
                "| model | %s: width %d, depth %d, %d heads; clips of %d frames of %d pixels, patches of %d |",
                s.name(),
                s.embedDim(),
                s.depth(),
                s.heads(),
                ReportScale.FRAMES,
                s.side(),
                ReportScale.PATCH);
        line(
                text,
                "| pretraining | %d steps of %d clips, %s; learning rate 8e-4, warm-up a tenth, cosine |",
                Pretext.steps(settings.steps()),
                s.batch(),
                settings.precision());
        line(
                text,
                "| heads | AdamW, batch %d, %d passes and at least %d steps; fine-tuning %d passes |",
                s.batch(),
                s.probeEpochs(),
                s.probeSteps(),
                s.tuneEpochs());
        line(text, "| seeds | %s |", settings.seeds());
        line(text, "| runs | %d of %d done, %s |", seconds.size(), all().size(), minutes(sum));
        line(
                text,
                "| estimate at the start | %s, from %.1f clips/s |%n",
                minutes(begun.estimatedSeconds()),
                begun.clipsPerSecond());
        line(
                text,
                "Figures are held-out top-1 in percent after the last epoch: mean and standard deviation over the seeds, which"
                        + " draw weights, masks and order. A difference counts as settled where its mean over the seeds is larger"
                        + " than its deviation. One held-out video is %.1f points; which videos are held out moves a figure of"
                        + " 50 %% by about %.1f, of all arms alike in part, and no seed shows it.%n",
                100.0 / settings.val(),
                100 * Math.sqrt(0.25 / settings.val()));
    }

    private static String minutes(double seconds) {
        return seconds < 120
                ? String.format(Locale.ROOT, "%.0f s", seconds)
                : String.format(Locale.ROOT, "%.0f min", seconds / 60);
    }

    private void study(StringBuilder text, Study study) throws IOException {
        line(text, "## %s%n", study.title());
        List<Verdict> verdicts = Verdict.of(study, results);
        line(text, "**%s**%n", Verdict.summary(study, verdicts, settings.seeds().size()));
        verdicts.forEach(verdict -> line(text, "* %s", verdict.text()));
        double chance = 1.0 / settings.task().classes().size();
        double near = chance + 2 * Math.sqrt(chance * (1 - chance) / settings.val());
        if (!verdicts.isEmpty()
                && study.variants().stream()
                        .allMatch(variant -> !(results.spread(variant).mean() > near))) {
            line(
                    text,
                    "* No figure is above %.1f %%, two standard errors over chance: their order says nothing.",
                    100 * near);
        }
        line(text, "");
        String columns =
                study.columns().stream().map(name -> " paper: " + name + " |").collect(Collectors.joining());
        line(text, "| | ours | seeds |%s", columns);
        line(text, "|---|---|---|%s", "---|".repeat(study.columns().size()));
        for (Variant variant : study.variants()) {
            Spread spread = results.spread(variant);
            StringBuilder paper = new StringBuilder();
            for (int i = 0; i < study.columns().size(); i++) {
                paper.append(
                        variant.paper().isEmpty()
                                ? " - |"
                                : String.format(
                                        Locale.ROOT, " %.1f |", variant.paper().get(i)));
            }
            line(text, "| %s | %s | %d |%s", variant.label(), spread.percent(), spread.count(), paper);
        }
        line(text, "%nThe paper's figures: %s. %s%n", study.source(), study.note());
        if (ReportPlots.draw(study, results, settings.task().classes().size(), directory)) {
            line(text, "![%s](%s.png)%n", study.title(), study.name());
        }
    }

    /** All runs in the order in which they are done, encoders before what measures them. */
    private Map<String, String> all() {
        Map<String, String> runs = new LinkedHashMap<>();
        for (long seed : settings.seeds()) {
            for (Study study : settings.studies()) {
                for (Variant variant : study.variants()) {
                    runs.put(variant.encoder(seed), variant.pretext().trained() ? "pretraining" : "first weights");
                    runs.put(variant.run(seed), variant.measure().id());
                }
            }
        }
        return runs;
    }

    /** Seconds of the runs that are done. */
    private Map<String, Double> seconds() {
        Map<String, Double> seconds = new LinkedHashMap<>();
        all().keySet().forEach(run -> results.figure(run, Results.SECONDS).ifPresent(value -> seconds.put(run, value)));
        return seconds;
    }

    private void runs(StringBuilder text) {
        line(text, "## Runs%n");
        line(
                text,
                "Each is a folder in `runs`. An encoder's holds `pretrain.yaml`, for `jepa pretrain`, its loss and the richness"
                        + " of its features over the steps, and `model`, for `jepa probe train` and `jepa finetune`.%n");
        line(text, "| run | what | top-1 | seconds | loss at the end | effective rank |%n|---|---|---|---|---|---|");
        all().forEach((run, what) -> line(
                text,
                "| %s | %s | %s | %s | %s | %s |",
                run,
                what,
                shown(results.figure(run, Results.TOP1), 100, "%.1f"),
                shown(results.figure(run, Results.SECONDS), 1, "%.1f"),
                shown(results.figure(run, "loss"), 1, "%.4f"),
                shown(results.figure(run, "effective_rank"), 1, "%.1f")));
        line(text, "");
    }

    private static String shown(OptionalDouble value, double scale, String format) {
        return value.isPresent() ? String.format(Locale.ROOT, format, scale * value.getAsDouble()) : "";
    }

    private void deviations(StringBuilder text) {
        line(text, "## How this differs from the paper%n");
        line(text, """
                * **Size.** The paper's models are ViT-L/16 and ViT-H/16 on 224 pixels: some hundred times as many weights, and 1,568
                  tokens a clip.
                * **Data.** Generated videos of a few classes that only motion tells apart, in place of two million real ones; encoders
                  are pretrained on the very videos that heads learn from. The paper measures on Kinetics-400, SSv2 and ImageNet.
                * **Steps.** The paper pretrains for 90,000 steps of 3,072 clips. In few steps, what learns fast looks better than what
                  ends higher.
                * **Settings.** Rotary positions, as V-JEPA 2. Larger first matrices and a tubelet embedding of drifting Gabor
                  patches; targets centred and whitened; fewer and larger blocks hidden. With the released settings no run of
                  this size learnt anything that a head could use: docs/training.md, "Small runs".
                * **Schedules.** The target encoder's momentum starts at 0.99; clips are not mirrored, for left and right are
                  classes.
                * **Measuring.** One centre view of one clip, in training and held out; the paper takes several, and varies training
                  clips. Few videos: a point is few of them.""");
    }

    private String csv() {
        StringBuilder text = new StringBuilder("study,variant,encoder,measure,seed,top1,seconds,paper\n");
        for (Study study : settings.studies()) {
            for (Variant variant : study.variants()) {
                StringBuilder paper = new StringBuilder();
                for (int i = 0; i < variant.paper().size(); i++) {
                    paper.append(i == 0 ? "" : "; ")
                            .append(study.columns().get(i))
                            .append(' ')
                            .append(variant.paper().get(i));
                }
                for (long seed : settings.seeds()) {
                    line(
                            text,
                            "%s,\"%s\",%s,%s,%d,%s,%s,%s",
                            study.name(),
                            variant.label(),
                            variant.pretext().id(),
                            variant.measure().id(),
                            seed,
                            shown(results.top1(variant, seed), 1, "%.4f"),
                            shown(results.figure(variant.run(seed), Results.SECONDS), 1, "%.1f"),
                            paper);
                }
            }
        }
        return text.toString();
    }
}
