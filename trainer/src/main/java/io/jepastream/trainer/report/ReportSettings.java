package io.jepastream.trainer.report;

import io.jepastream.encoder.tensor.Precision;
import io.jepastream.ingest.synth.Surface;
import io.jepastream.trainer.data.SynthSet;
import java.util.HashSet;
import java.util.List;

/**
 * What a report is asked for.
 *
 * @param studies comparisons, in the report's order
 * @param task of the generated videos
 * @param surface what their worlds look like
 * @param train videos to train with
 * @param val videos to measure with
 * @param steps of each pretraining; 0: what begins a report chooses them by speed, what goes on keeps them
 * @param seeds of the repeats
 * @param scale of the models
 * @param precision of matrix products
 * @param command line that asks for it
 */
public record ReportSettings(
        List<Study> studies,
        SynthSet.Task task,
        Surface surface,
        int train,
        int val,
        int steps,
        List<Long> seeds,
        ReportScale scale,
        Precision precision,
        String command) {
    public ReportSettings {
        studies = List.copyOf(studies);
        seeds = List.copyOf(seeds);
        int classes = task.classes().size();
        require(!studies.isEmpty(), "only: want some comparison, got none");
        require(
                train >= classes && val >= classes,
                "videos: want one of each of the %d classes to train and to measure with, got %d and %d"
                        .formatted(classes, train, val));
        require(steps >= 0, "steps: want 1 or more, got " + steps);
        require(!seeds.isEmpty() && new HashSet<>(seeds).size() == seeds.size(), "seeds: want each once, got " + seeds);
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException(message);
        }
    }

    /** The same with so many steps. */
    ReportSettings withSteps(int other) {
        return new ReportSettings(studies, task, surface, train, val, other, seeds, scale, precision, command);
    }
}
