package io.jepastream.app;

import io.jepastream.encoder.ModelBundle;
import io.jepastream.encoder.ModelOptions;
import io.jepastream.trainer.data.VideoSet;
import io.jepastream.trainer.eval.ClassNames;
import io.jepastream.trainer.eval.Protocol;
import io.jepastream.trainer.probe.FeatureCache;
import io.jepastream.trainer.probe.FeatureReader;
import io.jepastream.trainer.probe.FeatureSpec;
import io.jepastream.trainer.probe.Sample;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;

/** Features of labelled videos, with a bar while they are computed; in the user's folder, or in one that goes after. */
final class ProbeFeatures implements AutoCloseable {
    private final FeatureReader reader;
    private final Optional<Path> temporary;
    private final PrintWriter errors;
    private int failures;

    /** Where features are kept: the folder, where one is given, and how many bytes it may hold. */
    record Keeping(Optional<Path> folder, long limit) {}

    ProbeFeatures(ModelBundle bundle, ModelOptions options, FeatureSpec kind, Keeping keeping, PrintWriter errors)
            throws IOException {
        if (keeping.limit() <= 0) {
            throw new UsageException("--cache-limit: want more than nothing, got %d bytes".formatted(keeping.limit()));
        }
        this.temporary = keeping.folder().isPresent()
                ? Optional.empty()
                : Optional.of(Files.createTempDirectory("jepa-features-"));
        Path folder = keeping.folder().or(() -> temporary).orElseThrow();
        this.reader = new FeatureReader(bundle, options, kind, new FeatureCache(folder, keeping.limit()));
        this.errors = errors;
    }

    /** Videos with the numbers of their classes; a label that is no class is a mistake of the caller. */
    static List<FeatureReader.Item> items(VideoSet set, ClassNames classes) {
        List<FeatureReader.Item> items = new ArrayList<>();
        for (VideoSet.Video video : set.videos()) {
            String label = video.label().orElse("");
            int index = classes.index(label)
                    .orElseThrow(() -> new UsageException(
                            "%s: want a label of %s, got '%s'".formatted(video.file(), some(classes.names()), label)));
            items.add(new FeatureReader.Item(video.file(), index));
        }
        return items;
    }

    private static String some(List<String> names) {
        return names.size() <= 12
                ? names.toString()
                : "%s and %d more".formatted(names.subList(0, 12), names.size() - 12);
    }

    /** Those that can be read; the others are named on {@code errors} and counted. */
    List<Sample> read(String what, List<FeatureReader.Item> items, Protocol protocol) throws IOException {
        try (ProgressBar bar = new ProgressBarBuilder()
                .setTaskName("features " + what)
                .setInitialMax(items.size())
                .setUnit(" videos", 1)
                .setUpdateIntervalMillis(500)
                .build()) {
            return reader.read(items, protocol, (video, problem) -> {
                problem.ifPresent(text -> {
                    errors.printf("%n%s%n", text);
                    failures++;
                });
                bar.step();
            });
        }
    }

    /** Videos that could not be read. */
    int failures() {
        return failures;
    }

    /** Videos that the encoder had to see; the features of the others were there. */
    int computed() {
        return reader.computed();
    }

    /** Frees the encoder, which training does not need; features stay. */
    void closeEncoder() {
        reader.close();
    }

    @Override
    public void close() throws IOException {
        reader.close();
        if (temporary.isPresent()) {
            List<Path> all;
            try (Stream<Path> inside = Files.walk(temporary.get())) {
                all = inside.sorted(Comparator.reverseOrder()).toList();
            }
            for (Path each : all) {
                Files.deleteIfExists(each);
            }
        }
    }
}
