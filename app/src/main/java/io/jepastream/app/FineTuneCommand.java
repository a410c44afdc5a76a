package io.jepastream.app;

import io.jepastream.encoder.EncoderConfig;
import io.jepastream.encoder.ModelBundle;
import io.jepastream.encoder.ModelOptions;
import io.jepastream.encoder.tensor.DeviceExecutor;
import io.jepastream.encoder.tensor.Precision;
import io.jepastream.probeheads.HeadImport;
import io.jepastream.probeheads.Heads;
import io.jepastream.probeheads.ProbeConfig;
import io.jepastream.trainer.data.VideoSet;
import io.jepastream.trainer.eval.ClassNames;
import io.jepastream.trainer.finetune.FineTuneSettings;
import io.jepastream.trainer.finetune.FineTuning;
import io.jepastream.trainer.probe.Stratified;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code jepa finetune}: encoder and head learn together from labelled videos. */
@Command(
        name = "finetune",
        description = {
            "Train encoder and head together on labelled videos (V-JEPA's fine-tuning).",
            "Writes a new bundle with both; the model it starts from stays as it is. A stopped run goes on with --resume."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "Example:  jepa finetune --model runs/tiny/model --data train/ --val val/ --out models/tuned --head gestures"
        })
final class FineTuneCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--model", required = true, paramLabel = "DIR", description = "The bundle to start from.")
    private Path model = Path.of("");

    @Option(
            names = "--data",
            required = true,
            arity = "1..*",
            paramLabel = "PATH",
            description = "Folders with one folder of videos per class.")
    private List<Path> data = List.of();

    @Mixin
    private HeldOutOptions heldOut = new HeldOutOptions();

    @Option(
            names = "--out",
            required = true,
            paramLabel = "DIR",
            description = "The new bundle: a new or empty folder.")
    private Path out = Path.of("");

    @Option(names = "--head", required = true, paramLabel = "NAME", description = "Name of the new head.")
    private String head = "";

    @Option(
            names = "--kind",
            defaultValue = "linear",
            paramLabel = "KIND",
            description = "linear, on the mean, attentive-v1 or attentive-v2 (default ${DEFAULT-VALUE}).")
    private String kind = "linear";

    @Option(names = "--resume", description = "Go on from the checkpoint in --out, if there is one.")
    private boolean resume;

    @Option(names = "--stop-after", paramLabel = "EPOCH", description = "Stop there, to go on later with --resume.")
    private @Nullable Integer stopAfter;

    @Mixin
    private FineTuneRunOptions run = new FineTuneRunOptions();

    @Override
    public Integer call() throws IOException, InterruptedException {
        ModelBundle bundle = ProbeModelOptions.bundle(model);
        requireFree();
        bundle.newHeadDirectory(head);
        FineTuning.Sets sets = sets();
        EncoderConfig encoder = bundle.encoder();
        ProbeConfig config =
                ProbeShapeOptions.config(kind, encoder, sets.classes().names().size());
        PrintWriter print = spec.commandLine().getOut();
        print.printf(
                "%d classes, %d videos to train on, %d held out%n",
                sets.classes().names().size(),
                sets.train().videos().size(),
                sets.heldOut().videos().size());
        ModelOptions options = ModelOptions.defaults().withDevice(run.device());
        try (DeviceExecutor device = new DeviceExecutor(options.resolve(), run.threads())) {
            Precision precision = run.precision(device.device().isGpu());
            FineTuneSettings settings = run.settings(encoder.imgHeight(), precision);
            FineTuning.Stops stops =
                    new FineTuning.Stops(out, bundle.digest(), stopAfter == null ? settings.epochs() : stopAfter);
            FineTuning.Result result = new FineTuning(settings, encoder, config, device)
                    .run(bundle.encoderState(), sets, stops, epoch -> {
                        print.printf(
                                Locale.ROOT,
                                "epoch %3d, %5.1f clips/s, loss %.3f, top-1 held out %5.1f %%%n",
                                epoch.number(),
                                epoch.clipsPerSecond(),
                                epoch.loss(),
                                100 * epoch.top1());
                        print.flush();
                    });
            if (result.last().number() < settings.epochs()) {
                print.printf(
                        "stopped after epoch %d; --resume goes on%n",
                        result.last().number());
                return 0;
            }
            write(bundle, config, sets, result);
        }
        FineTuning.removeCheckpoints(out);
        return 0;
    }

    /** The folder may hold nothing, or with --resume a run that is not done. */
    private void requireFree() throws IOException {
        boolean begun = FineTuning.hasCheckpoint(out);
        if (!Files.exists(out) || (resume && begun)) {
            return;
        }
        try (Stream<Path> inside = Files.list(out)) {
            // A kill in the first checkpoint leaves its folder, with nothing that counts.
            if (inside.anyMatch(file -> !resume || !file.endsWith("checkpoints"))) {
                throw new UsageException(
                        resume
                                ? "--resume: want a run that was stopped after an epoch or more, or a new folder,"
                                        + " got files without a checkpoint in " + out
                                : "--out: want a new or empty folder%s, got files in %s"
                                        .formatted(begun ? ", or --resume" : "", out));
            }
        }
    }

    private FineTuning.Sets sets() throws IOException {
        VideoSet all = ProbeModelOptions.videos(data, null, "--data PATH");
        ClassNames classes = ClassNames.of(all);
        if (!heldOut.val.isEmpty()) {
            VideoSet held = ProbeModelOptions.videos(heldOut.val, null, "--val PATH");
            ProbeFeatures.items(held, classes); // each label is a class
            return new FineTuning.Sets(all, held, classes);
        }
        Stratified.Parts<VideoSet.Video> parts =
                heldOut.split(all.videos(), video -> video.label().orElse(""), run.seed());
        return new FineTuning.Sets(new VideoSet(parts.rest()), new VideoSet(parts.taken()), classes);
    }

    private void write(ModelBundle from, ProbeConfig config, FineTuning.Sets sets, FineTuning.Result result)
            throws IOException {
        String command = "jepa "
                + String.join(" ", spec.root().commandLine().getParseResult().originalArgs());
        FineTuning.Epoch best = result.best();
        Map<String, String> provenance = new LinkedHashMap<>();
        provenance.put("command", command);
        provenance.put("source", "fine-tuned by jepa finetune from " + from.name());
        provenance.put("model_digest", from.digest());
        provenance.put("seed", Long.toString(run.seed()));
        provenance.put("chosen", "epoch " + best.number());
        provenance.put(
                "held_out",
                String.format(
                        Locale.ROOT,
                        "top-1 %.4f of %d videos",
                        best.top1(),
                        sets.heldOut().videos().size()));
        Path last = out.toAbsolutePath().normalize().getFileName();
        ModelBundle tuned = ModelBundle.write(
                out,
                new ModelBundle.Draft(
                        last == null ? "tuned" : last.toString(),
                        from.encoder(),
                        Optional.empty(),
                        result.weights().encoder(),
                        Map.of(),
                        provenance));
        HeadImport.Imported imported =
                new HeadImport.Imported(config, result.weights().head());
        Heads.write(tuned, head, imported, sets.classes().names(), provenance);
        spec.commandLine()
                .getOut()
                .printf(
                        "head %s: %s, held out %s; digest %s: %s%n",
                        head, provenance.get("chosen"), provenance.get("held_out"), tuned.digest(), out);
    }
}
