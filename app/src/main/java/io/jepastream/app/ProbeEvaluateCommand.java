package io.jepastream.app;

import io.jepastream.encoder.JepaModel;
import io.jepastream.encoder.ModelBundle;
import io.jepastream.probeheads.Heads;
import io.jepastream.probeheads.LabelScores;
import io.jepastream.probeheads.ProbeHead;
import io.jepastream.trainer.data.VideoFile;
import io.jepastream.trainer.data.VideoSet;
import io.jepastream.trainer.eval.Accuracy;
import io.jepastream.trainer.eval.ClassNames;
import io.jepastream.trainer.eval.ConfusionMatrix;
import io.jepastream.trainer.eval.ConfusionPicture;
import io.jepastream.trainer.eval.Protocol;
import io.jepastream.trainer.probe.FeatureReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code jepa probe evaluate}: how often a head is right, and what it takes for what. */
@Command(
        name = "evaluate",
        description = "Score a head of a bundle on labelled videos: top-1, top-5, classes, confusions.",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "Example:  jepa probe evaluate --model models/vitl16 --head gestures --data val/ --views 3 --out report/",
        })
final class ProbeEvaluateCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private ProbeModelOptions common = new ProbeModelOptions();

    @Option(names = "--out", paramLabel = "DIR", description = "Write confusion.png and confusion.csv here.")
    private @Nullable Path out;

    @Override
    public Integer call() throws IOException {
        ModelBundle bundle = common.bundle();
        List<ProbeHead> heads = Heads.open(bundle, List.of(common.head));
        VideoSet set = common.videos();
        Protocol protocol = common.protocol();
        List<String> labels = heads.get(0).labels();
        Accuracy accuracy = new Accuracy(labels);
        ConfusionMatrix matrix = new ConfusionMatrix(labels);
        int failures;
        try (JepaModel model = JepaModel.open(bundle, common.options(), heads)) {
            if (!model.takes(protocol.frames())) {
                throw new UsageException(
                        "--frames: want whole tubelets that the model takes, got " + protocol.frames());
            }
            failures = score(bundle, model, set, accuracy, matrix);
        }
        PrintWriter print = spec.commandLine().getOut();
        print.printf("%n%s", matrix.perClass());
        print.printf("%d videos by %s, %d could not be read%n", set.videos().size(), protocol, failures);
        print.printf("%s: %s%n", common.head, accuracy);
        print.flush();
        if (out != null) {
            Files.createDirectories(out);
            Files.writeString(out.resolve("confusion.csv"), matrix.csv());
            ConfusionPicture.write(matrix, out.resolve("confusion.png"));
        }
        return failures == 0 ? 0 : 1;
    }

    /** Returns how many videos could not be read; each is named. */
    private int score(ModelBundle bundle, JepaModel model, VideoSet set, Accuracy accuracy, ConfusionMatrix matrix)
            throws IOException {
        Protocol protocol = common.protocol();
        ClassNames classes = new ClassNames(matrix.labels());
        int failures = 0;
        try (ProgressBar bar = new ProgressBarBuilder()
                .setTaskName("evaluate " + protocol)
                .setInitialMax(set.videos().size())
                .setUnit(" videos", 1)
                .setUpdateIntervalMillis(500)
                .build()) {
            for (VideoSet.Video video : set.videos()) {
                try {
                    float[][] logits = model.classify(
                                    protocol.clips(
                                            new VideoFile(video.file()),
                                            bundle.transform(),
                                            FeatureReader.number(video.file())),
                                    protocol.acrossSegments())
                            .getOrDefault(common.head, new float[0][]);
                    float[] probabilities = LabelScores.mean(logits);
                    String truth = video.label().orElse("");
                    accuracy.add(probabilities, truth);
                    classes.index(truth).ifPresent(index -> matrix.add(new int[] {index}, probabilities));
                } catch (IOException e) {
                    spec.commandLine().getErr().printf("%n%s%n", e.getMessage());
                    failures++;
                }
                bar.step();
            }
        }
        return failures;
    }
}
