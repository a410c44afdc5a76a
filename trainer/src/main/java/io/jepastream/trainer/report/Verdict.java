package io.jepastream.trainer.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;

/**
 * Whether something that the paper found came out here: variant by variant, by the differences of runs of the same seed.
 *
 * @param text of it, one sentence
 * @param cameOut whether the better one's mean is above the other's
 * @param settled whether the difference is larger than its deviation over the seeds
 * @param seeds that both variants are done for
 */
record Verdict(String text, boolean cameOut, boolean settled, int seeds) {
    /** All orderings of a study; one whose variants share no finished seed is left out. */
    static List<Verdict> of(Study study, Results results) {
        List<Verdict> verdicts = new ArrayList<>();
        for (Study.Ordering ordering : study.orderings()) {
            Variant better = study.variants().get(ordering.better());
            Variant worse = study.variants().get(ordering.worse());
            List<Double> differences = new ArrayList<>();
            for (long seed : new TreeSet<>(results.seeds())) {
                results.top1(better, seed)
                        .ifPresent(high -> results.top1(worse, seed).ifPresent(low -> differences.add(high - low)));
            }
            if (!differences.isEmpty()) {
                verdicts.add(of(better.label(), worse.label(), Spread.of(differences)));
            }
        }
        return verdicts;
    }

    private static Verdict of(String better, String worse, Spread difference) {
        boolean cameOut = difference.mean() > 0;
        boolean settled = difference.count() > 1 && Math.abs(difference.mean()) > difference.deviation();
        String spread = difference.count() == 1
                ? "one seed, so no spread is known"
                : String.format(
                        Locale.ROOT,
                        "± %.1f over %d seeds, %s",
                        100 * difference.deviation(),
                        difference.count(),
                        settled ? "more than the spread" : "within the spread, so not settled");
        String text = String.format(
                Locale.ROOT,
                "%s above %s: %s, by %+.1f points (%s)",
                better,
                worse,
                cameOut ? "came out" : "did not come out",
                100 * difference.mean(),
                spread);
        return new Verdict(text, cameOut, settled, difference.count());
    }

    /** What a study as a whole comes to, where {@code seeds} were asked for. */
    static String summary(Study study, List<Verdict> verdicts, int seeds) {
        long good = verdicts.stream().filter(Verdict::cameOut).count();
        int all = study.orderings().size();
        if (verdicts.size() < all) {
            return "Not decided: %d of %d comparisons have runs.".formatted(verdicts.size(), all);
        }
        int least = verdicts.stream().mapToInt(Verdict::seeds).min().orElse(0);
        String sofar = least < seeds ? "So far, by %d of %d seeds: ".formatted(least, seeds) : "";
        if (good < all) {
            return sofar + "The paper's ordering did not come out: %d of %d comparisons did.".formatted(good, all);
        }
        boolean settled = verdicts.stream().allMatch(Verdict::settled);
        return sofar + "The paper's ordering came out" + (settled ? "." : ", but not all of it is settled.");
    }
}
