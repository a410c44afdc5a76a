package io.jepastream.trainer.probe;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Function;

/** Draws the same share of every class, by a seed. */
public final class Stratified {
    private Stratified() {}

    /**
     * Two parts of a set, each in the set's order.
     *
     * @param taken the share that was drawn
     * @param rest all others
     */
    public record Parts<T>(List<T> taken, List<T> rest) {}

    /**
     * Draws a share to hold out. Every class keeps at least one of its own, and gives at least one where it has two.
     *
     * @param label an item's class
     * @param share above 0, below 1
     */
    public static <T, L> Parts<T> holdOut(List<T> items, Function<T, L> label, double share, long seed) {
        if (!(share > 0 && share < 1)) {
            throw new IllegalArgumentException("val-share: want above 0 and below 1, got " + share);
        }
        return draw(items, label, share, seed, true);
    }

    /**
     * Draws a share to train on, at least one of every class.
     *
     * @param share above 0, at most 1
     */
    public static <T, L> Parts<T> subset(List<T> items, Function<T, L> label, double share, long seed) {
        if (!(share > 0 && share <= 1)) {
            throw new IllegalArgumentException("label-fraction: want above 0 and at most 1, got " + share);
        }
        return draw(items, label, share, seed, false);
    }

    private static <T, L> Parts<T> draw(
            List<T> items, Function<T, L> label, double share, long seed, boolean leaveOne) {
        Map<L, List<Integer>> classes = new LinkedHashMap<>();
        for (int i = 0; i < items.size(); i++) {
            classes.computeIfAbsent(label.apply(items.get(i)), l -> new ArrayList<>())
                    .add(i);
        }
        SplittableRandom random = new SplittableRandom(seed);
        Set<Integer> drawn = new HashSet<>();
        for (List<Integer> own : classes.values()) {
            int most = own.size() - (leaveOne ? 1 : 0);
            int count = Math.min(most, Math.max(1, (int) Math.round(share * own.size())));
            for (int i = 0; i < count; i++) {
                int pick = i + random.nextInt(own.size() - i);
                drawn.add(own.get(pick));
                own.set(pick, own.get(i));
            }
        }
        Parts<T> parts = new Parts<>(new ArrayList<>(), new ArrayList<>());
        for (int i = 0; i < items.size(); i++) {
            (drawn.contains(i) ? parts.taken() : parts.rest()).add(items.get(i));
        }
        return new Parts<>(List.copyOf(parts.taken()), List.copyOf(parts.rest()));
    }
}
