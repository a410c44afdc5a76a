package io.jepastream.trainer.eval;

import java.util.List;
import java.util.Locale;

/** Which class was taken for which: a row per true class, a column per answer. */
public final class ConfusionMatrix {
    private static final int WIDEST_NAME = 24;

    private final List<String> labels;
    private final int[][] counts;

    /**
     * Starts at nothing.
     *
     * @param labels class names, in order
     */
    public ConfusionMatrix(List<String> labels) {
        this.labels = List.copyOf(labels);
        this.counts = new int[labels.size()][labels.size()];
    }

    /** Counts one answer. */
    public void add(int truth, int answer) {
        counts[truth][answer]++;
    }

    /**
     * Counts the best class of each row.
     *
     * @param truths true classes
     * @param scores logits or probabilities, row by row
     */
    public void add(int[] truths, float[] scores) {
        int classes = labels.size();
        if (scores.length != truths.length * classes) {
            throw new IllegalArgumentException(
                    "scores: want %d x %d, got %d".formatted(truths.length, classes, scores.length));
        }
        for (int i = 0; i < truths.length; i++) {
            int best = 0;
            for (int c = 1; c < classes; c++) {
                best = scores[i * classes + c] > scores[i * classes + best] ? c : best;
            }
            add(truths[i], best);
        }
    }

    /** Class names, in order. */
    public List<String> labels() {
        return labels;
    }

    /** How often this class was taken for that. */
    public int count(int truth, int answer) {
        return counts[truth][answer];
    }

    /** How often the class was there. */
    public int there(int truth) {
        int sum = 0;
        for (int count : counts[truth]) {
            sum += count;
        }
        return sum;
    }

    /** How often the class was the answer. */
    public int answered(int answer) {
        int sum = 0;
        for (int[] row : counts) {
            sum += row[answer];
        }
        return sum;
    }

    /** Share of right answers, 0 to 1; 0 without any. */
    public double accuracy() {
        int right = 0;
        int all = 0;
        for (int i = 0; i < counts.length; i++) {
            right += counts[i][i];
            all += there(i);
        }
        return all == 0 ? 0 : right / (double) all;
    }

    /** Share of a class that was found, 0 to 1; not a number where it never was there. */
    public double recall(int truth) {
        return counts[truth][truth] / (double) there(truth);
    }

    /** Share of a class's answers that were right, 0 to 1; not a number where it never was the answer. */
    public double precision(int answer) {
        return counts[answer][answer] / (double) answered(answer);
    }

    /** The counts as text, without a head line. */
    public String table() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < counts.length; i++) {
            text.append(String.format(Locale.ROOT, "%-10s", labels.get(i)));
            for (int count : counts[i]) {
                text.append(String.format(Locale.ROOT, "%5d", count));
            }
            text.append('\n');
        }
        return text.toString();
    }

    /** A line per class: how often it was there, recall and precision in percent; a dash where there is none. */
    public String perClass() {
        int width = Math.min(
                WIDEST_NAME,
                Math.max(5, labels.stream().mapToInt(String::length).max().orElse(0)));
        String line = "%-" + width + "s %6s %7s %9s%n";
        StringBuilder text = new StringBuilder(String.format(line, "class", "videos", "recall", "precision"));
        for (int i = 0; i < counts.length; i++) {
            String name = labels.get(i);
            text.append(String.format(
                    line,
                    name.length() > width ? name.substring(0, width - 1) + "~" : name,
                    there(i),
                    percent(recall(i)),
                    percent(precision(i))));
        }
        return text.toString();
    }

    private static String percent(double share) {
        return Double.isNaN(share) ? "-" : String.format(Locale.ROOT, "%.1f", 100 * share);
    }

    /** The counts with class names on both sides, as comma-separated values. */
    public String csv() {
        StringBuilder text = new StringBuilder("true class");
        labels.forEach(label -> text.append(',').append(quoted(label)));
        text.append('\n');
        for (int i = 0; i < counts.length; i++) {
            text.append(quoted(labels.get(i)));
            for (int count : counts[i]) {
                text.append(',').append(count);
            }
            text.append('\n');
        }
        return text.toString();
    }

    private static String quoted(String label) {
        return label.matches("[^,\"\\n\\r]*") ? label : "\"" + label.replace("\"", "\"\"") + "\"";
    }
}
