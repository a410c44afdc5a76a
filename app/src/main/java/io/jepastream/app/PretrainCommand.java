package io.jepastream.app;

import io.jepastream.encoder.ModelBundle;
import io.jepastream.trainer.pretrain.ClipBatches;
import io.jepastream.trainer.pretrain.Devices;
import io.jepastream.trainer.pretrain.PretrainConfig;
import io.jepastream.trainer.pretrain.Pretraining;
import io.jepastream.trainer.pretrain.Recipe;
import io.jepastream.trainer.pretrain.RunDirectory;
import io.jepastream.trainer.pretrain.VideoBatches;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code jepa pretrain}: an encoder from videos without labels. */
@Command(
        name = "pretrain",
        description = {
            "Train an encoder on videos, without labels, by predicting the features of hidden parts (V-JEPA).",
            "CONFIG names a recipe (vjepa1, vjepa2 or vjepa2.1) and what is to be otherwise. The folder gets checkpoints,",
            "metrics.csv, pictures of the loss and of the features' richness, and at the end model/, a bundle."
        },
        mixinStandardHelpOptions = true,
        footer = {"", "Example:  jepa pretrain tiny.yaml --out runs/tiny    (after a stop: the same with --resume)"})
final class PretrainCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "CONFIG", description = "The run, as YAML; see docs/training.md.")
    private Path config = Path.of("");

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "Folder of the run.")
    private Path out = Path.of("");

    @Option(names = "--resume", description = "Go on from the latest checkpoint in the folder, if there is one.")
    private boolean resume;

    @Option(
            names = "--from",
            paramLabel = "RUN",
            description = {
                "Begin with the weights and moments of another run: its folder, for the latest checkpoint, or a checkpoint.",
                "Steps and schedules start anew, and clips may be longer or larger: V-JEPA 2's cool-down."
            })
    private @Nullable Path from;

    @Option(names = "--stop-after", paramLabel = "STEP", description = "Stop there, to go on later with --resume.")
    private @Nullable Long stopAfter;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Recipe recipe = new Recipe(PretrainConfig.read(config));
        RunDirectory run = new RunDirectory(out);
        ClipBatches.Opener data =
                VideoBatches.of(recipe, config.toAbsolutePath().resolveSibling(""));
        run.open(recipe.config(), resume, Optional.ofNullable(from));
        try (StopSignal stop = new StopSignal();
                Devices devices = Devices.open(recipe.config().run());
                Pretraining pretraining = new Pretraining(recipe, devices.executors(), out, resume)) {
            train(recipe, pretraining, data, stop);
            ModelBundle bundle =
                    run.write(recipe, name(), pretraining.state(), provenance(recipe, pretraining.done(), run.from()));
            PrintWriter print = spec.commandLine().getOut();
            print.printf("%n%d steps: %s, digest %s%n", pretraining.done(), run.model(), bundle.digest());
        }
        return 0;
    }

    private void train(Recipe recipe, Pretraining pretraining, ClipBatches.Opener data, StopSignal stop)
            throws IOException, InterruptedException {
        long steps = recipe.config().optimization().steps();
        long until = stopAfter == null ? steps : Math.min(steps, stopAfter);
        try (ProgressBar bar = new ProgressBarBuilder()
                .setTaskName("pretrain")
                .setInitialMax(until)
                .startsFrom(pretraining.done(), Duration.ZERO)
                .setUnit(" steps", 1)
                .setUpdateIntervalMillis(1000)
                .build()) {
            pretraining.run(data, until, progress -> {
                bar.stepTo(progress.step());
                bar.setExtraMessage(String.format(
                        Locale.ROOT,
                        "loss %.4f  rank %.1f  %.1f clips/s",
                        progress.loss().total(),
                        progress.effectiveRank(),
                        progress.clipsPerSecond()));
                if (stop.isAsked()) {
                    pretraining.stop();
                }
            });
        }
    }

    private String name() {
        Path last = out.toAbsolutePath().normalize().getFileName();
        return last == null ? "pretrained" : last.toString();
    }

    private Map<String, String> provenance(Recipe recipe, long done, Optional<Path> began) {
        Map<String, String> provenance = new TreeMap<>(Map.of(
                "source", "pretrained without labels on own videos",
                "weights", "target_encoder",
                "recipe", recipe.config().family(),
                "steps", Long.toString(done),
                "clips", Long.toString(done * recipe.clipsOfAStep()),
                "command", "jepa pretrain %s --out %s".formatted(config.getFileName(), name()),
                "date", LocalDate.now(ZoneOffset.UTC).toString()));
        // RUN/checkpoints/step-N.safetensors: the folders above say nothing to others.
        began.ifPresent(file -> {
            int names = file.getNameCount();
            provenance.put("from", file.subpath(Math.max(0, names - 3), names).toString());
        });
        return provenance;
    }
}
