package io.jepastream.trainer.eval;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.Set;

/** Counts how often a head's best guess, and one of its best five, was the true class. */
public final class Accuracy {
    private static final int FIVE = 5;

    private final ClassNames labels;
    private final Set<String> unknown = new LinkedHashSet<>();
    private int videos;
    private int first;
    private int amongFive;

    /**
     * Starts at nothing.
     *
     * @param labels class names in the order of the logits
     */
    public Accuracy(List<String> labels) {
        this.labels = new ClassNames(labels);
    }

    /**
     * Counts one video. A truth that is neither the name of a class nor its number is remembered and not counted.
     *
     * @param probabilities one per class
     * @param truth the class's name, letter case aside, or its number from 0
     */
    public void add(float[] probabilities, String truth) {
        OptionalInt index = labels.index(truth);
        if (index.isEmpty()) {
            unknown.add(truth);
            return;
        }
        int rank = 0;
        for (int i = 0; i < probabilities.length; i++) {
            boolean better = probabilities[i] > probabilities[index.getAsInt()];
            boolean before = probabilities[i] == probabilities[index.getAsInt()] && i < index.getAsInt();
            rank += better || before ? 1 : 0;
        }
        videos++;
        first += rank == 0 ? 1 : 0;
        amongFive += rank < FIVE ? 1 : 0;
    }

    /** Videos counted. */
    public int videos() {
        return videos;
    }

    /** Share whose best class was the true one, 0 to 1; 0 without videos. */
    public double top1() {
        return videos == 0 ? 0 : first / (double) videos;
    }

    /** Share whose true class was among the best five, 0 to 1; 0 without videos. */
    public double top5() {
        return videos == 0 ? 0 : amongFive / (double) videos;
    }

    /** Truths that are no class of this head. */
    public List<String> unknown() {
        return new ArrayList<>(unknown);
    }

    @Override
    public String toString() {
        String shares = videos == 0
                ? "no labelled videos"
                : String.format(
                        Locale.ROOT, "top-1 %.1f %%, top-5 %.1f %% of %d videos", 100 * top1(), 100 * top5(), videos);
        return unknown.isEmpty() ? shares : shares + "; not classes of this head: " + unknown;
    }
}
