package io.jepastream.app;

import io.jepastream.trainer.data.VideoSet;
import io.jepastream.trainer.eval.Protocol;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The evaluation protocols of the papers; whole videos are scored as soon as one of these is given. */
final class ProtocolOptions {
    @Option(
            names = "--views",
            paramLabel = "N",
            description = "Score whole videos by this many crops each; the papers' multi-view takes 3.")
    private @Nullable Integer views;

    @Option(
            names = "--segments",
            paramLabel = "N",
            description = "Score whole videos by this many clips each; 8 for Kinetics, 2 for SSv2.")
    private @Nullable Integer segments;

    @Mixin
    private SamplingOptions sampling = new SamplingOptions();

    @Option(
            names = "--seed",
            defaultValue = "0",
            paramLabel = "N",
            description = "Draws where clips lie in long videos (default ${DEFAULT-VALUE}).")
    private long seed;

    @Option(names = "--list", paramLabel = "FILE", description = "More videos to score, as lines 'path label'.")
    private @Nullable Path list;

    /** The protocol, where one was asked for. */
    Optional<Protocol> protocol() {
        if (views == null && segments == null && list == null) {
            return Optional.empty();
        }
        return Optional.of(sampling.protocol(views == null ? 1 : views, segments == null ? 1 : segments, seed));
    }

    /** What these paths and the list name. */
    VideoSet videos(List<Path> paths) throws IOException {
        VideoSet all = new VideoSet(List.of());
        for (Path path : paths) {
            all = all.and(VideoSet.of(path));
        }
        return list == null ? all : all.and(VideoSet.list(list));
    }
}
