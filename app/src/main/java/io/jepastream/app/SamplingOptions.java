package io.jepastream.app;

import io.jepastream.trainer.eval.Protocol;
import picocli.CommandLine.Option;

/** Which frames of a video make a clip, and whether its clips are seen together. */
final class SamplingOptions {
    @Option(
            names = "--frames",
            defaultValue = "16",
            paramLabel = "N",
            description = "Frames of such a clip (default ${DEFAULT-VALUE}).")
    private int frames = 16;

    @Option(
            names = "--frame-step",
            defaultValue = "4",
            paramLabel = "N",
            description = "The video's frames from one to the next (default ${DEFAULT-VALUE}).")
    private int step = 4;

    @Option(
            names = "--attend-across-segments",
            negatable = true,
            defaultValue = "true",
            fallbackValue = "true",
            description = "Heads see all segments of a view at once (the default).")
    private boolean across = true;

    Protocol protocol(int views, int segments, long seed) {
        return new Protocol(views, segments, frames, step, across, seed);
    }
}
