package io.jepastream.trainer.probe;

import java.nio.file.Path;

/**
 * A video whose features are kept.
 *
 * @param label number of its class
 * @param features file with {@code [O, N, D]}: one row for each view, or each view and segment
 */
public record Sample(Path video, int label, Path features) {}
