package io.jepastream.trainer.probe;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Probes that see only a share of the labels (arXiv:2404.08471, section 5.3): stratified subsets of the training videos,
 * drawn anew with each repeat, and always all held-out ones.
 */
public final class LowShot {
    private LowShot() {}

    /**
     * The repeats at one share.
     *
     * @param videos training videos of each repeat
     * @param top1 held out, of each repeat
     * @param first the head of the first repeat, whose seed is the settings' own
     */
    public record Row(double fraction, int videos, List<Double> top1, ProbeTraining.Best first) {
        /** Mean over the repeats. */
        public double mean() {
            return top1.stream().mapToDouble(Double::doubleValue).average().orElse(0);
        }

        /** Standard deviation over the repeats, with n - 1; 0 for a single one. */
        public double deviation() {
            double mean = mean();
            double sum = top1.stream()
                    .mapToDouble(value -> (value - mean) * (value - mean))
                    .sum();
            return top1.size() < 2 ? 0 : Math.sqrt(sum / (top1.size() - 1));
        }

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "%5.1f %% of the labels, %d videos: top-1 %.1f %% +- %.1f of %d runs",
                    100 * fraction,
                    videos,
                    100 * mean(),
                    100 * deviation(),
                    top1.size());
        }
    }

    /** Trains one head. */
    @FunctionalInterface
    public interface Trainer {
        /** Trains on these videos with this seed. */
        ProbeTraining.Best train(List<Sample> samples, long seed) throws IOException;
    }

    /**
     * Runs all shares.
     *
     * @param repeats runs of each share; seeds count up from {@code seed}
     * @param listener told of each share
     */
    public static List<Row> run(
            List<Sample> train, List<Double> fractions, int repeats, long seed, Trainer trainer, Consumer<Row> listener)
            throws IOException {
        if (repeats < 1) {
            throw new IllegalArgumentException("repeats: want 1 or more, got " + repeats);
        }
        List<Row> rows = new ArrayList<>();
        for (double fraction : fractions) {
            List<Double> top1 = new ArrayList<>();
            Optional<ProbeTraining.Best> first = Optional.empty();
            int videos = 0;
            for (int i = 0; i < repeats; i++) {
                List<Sample> part = Stratified.subset(train, Sample::label, fraction, seed + i)
                        .taken();
                ProbeTraining.Best best = trainer.train(part, seed + i);
                top1.add(best.standing().top1());
                first = Optional.of(first.orElse(best));
                videos = part.size();
            }
            Row row = new Row(fraction, videos, List.copyOf(top1), first.orElseThrow());
            rows.add(row);
            listener.accept(row);
        }
        return rows;
    }
}
