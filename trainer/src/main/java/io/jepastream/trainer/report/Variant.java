package io.jepastream.trainer.report;

import java.util.List;

/**
 * One side of a comparison.
 *
 * @param label for people
 * @param pretext how its encoder comes to its weights
 * @param measure how it is measured
 * @param paper the paper's figures in percent, one for each column of the study; none where the paper has none
 */
public record Variant(String label, Pretext pretext, Measure measure, List<Double> paper) {
    public Variant {
        paper = List.copyOf(paper);
    }

    /** The folder of its encoder's run. */
    String encoder(long seed) {
        return "%s-seed%d".formatted(pretext.id(), seed);
    }

    /** The folder of its measurement; variants of several studies share it where they are the same. */
    String run(long seed) {
        return "%s-%s".formatted(encoder(seed), measure.id());
    }
}
