package io.jepastream.app.selftest;

import java.util.ArrayList;
import java.util.List;

/**
 * Whether a quantity grows with time: a line through the means of blocks of its samples, as neighbouring samples are not
 * independent.
 *
 * @param mean of the quantity
 * @param slope of the line, per second
 * @param error half of the slope's 95 % interval
 */
record Trend(double mean, double slope, double error) {
    private static final int BLOCKS = 10;
    private static final double STUDENT_95 = 2.306; // two-sided, BLOCKS - 2 degrees of freedom
    private static final double HOUR = 3600;
    private static final double ALLOWED = 0.1; // of the mean, in an hour

    /** What may be said. */
    enum Verdict {
        /** An hour adds less than a tenth. */
        FLAT,
        /** An hour adds more than a tenth. */
        GROWS,
        /** Neither is sure: it must be watched for longer. */
        UNDECIDED
    }

    /** A value at a time, seconds. */
    record Sample(double at, double value) {}

    /**
     * The trend of these samples.
     *
     * @param samples in the order of time, at least {@value #BLOCKS} of them
     */
    static Trend of(List<Sample> samples) {
        if (samples.size() < BLOCKS) {
            throw new IllegalArgumentException("samples: want %d or more, got %d".formatted(BLOCKS, samples.size()));
        }
        List<Sample> blocks = new ArrayList<>();
        for (int block = 0; block < BLOCKS; block++) {
            blocks.add(mean(samples.subList(block * samples.size() / BLOCKS, (block + 1) * samples.size() / BLOCKS)));
        }
        Sample centre = mean(blocks);
        double spread = 0;
        double product = 0;
        for (Sample block : blocks) {
            spread += (block.at() - centre.at()) * (block.at() - centre.at());
            product += (block.at() - centre.at()) * (block.value() - centre.value());
        }
        double slope = product / spread;
        double residual = 0;
        for (Sample block : blocks) {
            double off = block.value() - centre.value() - slope * (block.at() - centre.at());
            residual += off * off;
        }
        double error = STUDENT_95 * Math.sqrt(residual / (BLOCKS - 2) / spread);
        return new Trend(centre.value(), slope, error);
    }

    /** Judges by what an hour would add. */
    Verdict verdict() {
        double allowed = ALLOWED * mean / HOUR;
        if (slope + error <= allowed) {
            return Verdict.FLAT;
        }
        return slope - error > allowed ? Verdict.GROWS : Verdict.UNDECIDED;
    }

    private static Sample mean(List<Sample> samples) {
        return new Sample(
                samples.stream().mapToDouble(Sample::at).average().orElseThrow(),
                samples.stream().mapToDouble(Sample::value).average().orElseThrow());
    }
}
