package io.jepastream.app;

import io.jepastream.encoder.ModelBundle;
import io.jepastream.encoder.tensor.DeviceExecutor;
import io.jepastream.probeheads.HeadImport;
import io.jepastream.probeheads.Heads;
import io.jepastream.probeheads.ProbeConfig;
import io.jepastream.trainer.data.VideoSet;
import io.jepastream.trainer.eval.ClassNames;
import io.jepastream.trainer.probe.FeatureReader;
import io.jepastream.trainer.probe.FeatureSpec;
import io.jepastream.trainer.probe.LowShot;
import io.jepastream.trainer.probe.ProbeLog;
import io.jepastream.trainer.probe.ProbeSettings;
import io.jepastream.trainer.probe.ProbeTraining;
import io.jepastream.trainer.probe.Sample;
import io.jepastream.trainer.probe.Stratified;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code jepa probe train}: a head for classes of one's own, on a frozen encoder. */
@Command(
        name = "train",
        description = "Train a head on a frozen encoder and put it into the bundle.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "Example:  jepa probe train --model models/vitl16 --data train/ --val val/ --head gestures",
            "Few labels:  ... --label-fraction 0.05,0.1,0.5 --repeats 3"
        })
final class ProbeTrainCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private ProbeModelOptions common = new ProbeModelOptions();

    @Mixin
    private ProbeShapeOptions shape = new ProbeShapeOptions();

    @Mixin
    private ProbeRunOptions run = new ProbeRunOptions();

    @Mixin
    private HeldOutOptions heldOut = new HeldOutOptions();

    @Option(names = "--val-list", paramLabel = "FILE", description = "Held-out videos, as --list.")
    private @Nullable Path valList;

    @Option(names = "--labels", paramLabel = "FILE", description = "Class names, a line each; labels may be numbers.")
    private @Nullable Path labels;

    @Option(names = "--replace", description = "Replace a head of that name.")
    private boolean replace;

    /** What a run learns from and is chosen by. */
    private record Sets(ClassNames classes, List<FeatureReader.Item> train, List<FeatureReader.Item> heldOut) {
        /** Videos that are in both parts. */
        int both() {
            Set<Path> seen = new HashSet<>();
            train.forEach(item -> seen.add(item.video().toAbsolutePath().normalize()));
            return (int) heldOut.stream()
                    .filter(item -> seen.contains(item.video().toAbsolutePath().normalize()))
                    .count();
        }
    }

    @Override
    public Integer call() throws IOException {
        ModelBundle bundle = common.bundle();
        bundle.newHeadDirectory(common.head);
        if (!replace && bundle.headNames().contains(common.head)) {
            throw new UsageException("--head: want a new name, or --replace, got '%s', which %s has"
                    .formatted(common.head, bundle.name()));
        }
        Sets sets = sets();
        ProbeConfig config =
                shape.config(bundle.encoder(), sets.classes().names().size());
        ProbeSettings settings = run.settings(config, common.seed);
        boolean pooled = config.kind() == ProbeConfig.Kind.MEAN;
        FeatureSpec features = new FeatureSpec(common.protocol(), shape.layers(), pooled, run.storage());
        PrintWriter out = spec.commandLine().getOut();
        try (ProbeFeatures source = new ProbeFeatures(
                bundle,
                common.options(),
                features,
                run.keeping(),
                spec.commandLine().getErr())) {
            long started = System.nanoTime();
            List<Sample> heldOut = source.read("held out", sets.heldOut(), common.protocol());
            List<Sample> train = source.read("training", sets.train(), common.trainingProtocol());
            source.closeEncoder();
            out.printf(
                    Locale.ROOT,
                    "%n%d classes, %d videos to train on, %d held out, %d could not be read; the encoder saw %d in %.1f s%n",
                    sets.classes().names().size(),
                    train.size(),
                    heldOut.size(),
                    source.failures(),
                    source.computed(),
                    (System.nanoTime() - started) / 1e9);
            int both = sets.both();
            if (both > 0) {
                out.printf("%d held-out videos are trained on too: their figures say little%n", both);
            }
            try (DeviceExecutor device = new DeviceExecutor(common.options().resolve(), 0)) {
                Optional<ProbeTraining.Best> best = run.lowShot()
                        ? lowShot(device, settings, train, heldOut)
                        : full(device, settings, train, heldOut);
                if (best.isPresent()) {
                    write(bundle, config, sets, best.get());
                }
            }
        }
        return 0;
    }

    private Sets sets() throws IOException {
        VideoSet all = common.videos();
        ClassNames classes = labels == null
                ? ClassNames.of(all)
                : new ClassNames(Files.readAllLines(labels).stream()
                        .map(String::strip)
                        .filter(line -> !line.isEmpty())
                        .toList());
        List<FeatureReader.Item> items = ProbeFeatures.items(all, classes);
        if (!heldOut.val.isEmpty() || valList != null) {
            VideoSet held = ProbeModelOptions.videos(heldOut.val, valList, "--val PATH or --val-list FILE");
            return new Sets(classes, items, ProbeFeatures.items(held, classes));
        }
        Stratified.Parts<FeatureReader.Item> parts = heldOut.split(items, FeatureReader.Item::label, common.seed);
        return new Sets(classes, parts.rest(), parts.taken());
    }

    private Optional<ProbeTraining.Best> full(
            DeviceExecutor device, ProbeSettings settings, List<Sample> train, List<Sample> heldOut)
            throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        out.printf("heads, by learning rate and weight decay: %s%n", settings.arms());
        Optional<ProbeLog> log = run.log(settings);
        try {
            return Optional.of(new ProbeTraining(settings, device).run(train, heldOut, epoch -> {
                out.println(line(epoch));
                out.flush();
                log.ifPresent(file -> add(file, epoch));
            }));
        } finally {
            if (log.isPresent()) {
                log.get().close();
            }
        }
    }

    private static void add(ProbeLog log, ProbeTraining.Epoch epoch) {
        try {
            log.add(epoch);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String line(ProbeTraining.Epoch epoch) {
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                "epoch %3d, %5.1f steps/s, top-1 and loss held out:",
                epoch.number(),
                epoch.stepsPerSecond()));
        for (ProbeTraining.Standing standing : epoch.heads()) {
            text.append(String.format(Locale.ROOT, "  %5.1f %% %.3f", 100 * standing.top1(), standing.loss()));
        }
        return text.toString();
    }

    /** A head comes of it only where all labels are among the shares. */
    private Optional<ProbeTraining.Best> lowShot(
            DeviceExecutor device, ProbeSettings settings, List<Sample> train, List<Sample> heldOut)
            throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        List<LowShot.Row> rows = LowShot.run(
                train,
                run.fractions(),
                run.repeats(),
                common.seed,
                (samples, seed) ->
                        new ProbeTraining(settings.withSeed(seed), device).run(samples, heldOut, epoch -> {}),
                row -> {
                    out.println(row);
                    out.flush();
                });
        return rows.stream()
                .filter(row -> row.fraction() == 1)
                .map(LowShot.Row::first)
                .findFirst();
    }

    private void write(ModelBundle bundle, ProbeConfig config, Sets sets, ProbeTraining.Best best) throws IOException {
        ProbeTraining.Standing standing = best.standing();
        Map<String, String> provenance = new LinkedHashMap<>();
        provenance.put(
                "command",
                "jepa "
                        + String.join(
                                " ", spec.root().commandLine().getParseResult().originalArgs()));
        provenance.put("source", "trained by jepa probe train on the frozen encoder");
        provenance.put("model_digest", bundle.digest());
        provenance.put(
                "videos",
                "%d to train on, %d held out"
                        .formatted(sets.train().size(), sets.heldOut().size()));
        provenance.put("protocol", common.protocol().toString());
        provenance.put("seed", Long.toString(common.seed));
        provenance.put(
                "chosen",
                "learning rate %s, weight decay %s, epoch %d"
                        .formatted(best.arm().rate(), best.arm().decay(), best.epoch()));
        provenance.put(
                "held_out",
                String.format(
                        Locale.ROOT,
                        "top-1 %.4f, top-5 %.4f, loss %.4f",
                        standing.top1(),
                        standing.top5(),
                        standing.loss()));
        HeadImport.Imported head = new HeadImport.Imported(config, best.state());
        Heads.write(bundle, common.head, head, sets.classes().names(), provenance);
        spec.commandLine()
                .getOut()
                .printf(
                        "head %s: %s; held out %s: %s%n",
                        common.head,
                        provenance.get("chosen"),
                        provenance.get("held_out"),
                        bundle.headDirectory(common.head));
    }
}
