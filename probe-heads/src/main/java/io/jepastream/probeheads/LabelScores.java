package io.jepastream.probeheads;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** From logits to named probabilities. */
public final class LabelScores {
    private LabelScores() {}

    /**
     * A class and how probable it is.
     *
     * @param index of the class
     * @param probability 0 to 1
     */
    public record Score(int index, String label, float probability) {}

    /** Softmax in double, so that large logits do not overflow. */
    public static float[] softmax(float[] logits) {
        double largest = Double.NEGATIVE_INFINITY;
        for (float logit : logits) {
            largest = Math.max(largest, logit);
        }
        double sum = 0;
        double[] exponentials = new double[logits.length];
        for (int i = 0; i < logits.length; i++) {
            exponentials[i] = StrictMath.exp(logits[i] - largest);
            sum += exponentials[i];
        }
        float[] out = new float[logits.length];
        for (int i = 0; i < logits.length; i++) {
            out[i] = (float) (exponentials[i] / sum);
        }
        return out;
    }

    /**
     * The most probable classes, best first; equal ones by index.
     *
     * @param labels one per logit
     * @param count at most this many
     */
    public static List<Score> top(float[] logits, List<String> labels, int count) {
        return best(softmax(logits), labels, count);
    }

    /**
     * Probabilities of several looks at the same thing: the mean of their softmaxes, as the reference's evaluation takes
     * it over views.
     *
     * @param logits one row per look, 1 or more
     */
    public static float[] mean(float[][] logits) {
        double[] sum = new double[logits[0].length];
        for (float[] row : logits) {
            float[] probabilities = softmax(row);
            for (int i = 0; i < sum.length; i++) {
                sum[i] += probabilities[i];
            }
        }
        float[] mean = new float[sum.length];
        for (int i = 0; i < sum.length; i++) {
            mean[i] = (float) (sum[i] / logits.length);
        }
        return mean;
    }

    /**
     * The most probable classes, best first; equal ones by index.
     *
     * @param labels one per probability
     * @param count at most this many
     */
    public static List<Score> best(float[] probabilities, List<String> labels, int count) {
        if (probabilities.length != labels.size() || count < 1) {
            throw new IllegalArgumentException("labels: want %d and a positive count, got %d and %d"
                    .formatted(probabilities.length, labels.size(), count));
        }
        List<Score> scores = new ArrayList<>();
        for (int i = 0; i < probabilities.length; i++) {
            scores.add(new Score(i, labels.get(i), probabilities[i]));
        }
        scores.sort(Comparator.comparingDouble((Score s) -> -s.probability()).thenComparingInt(Score::index));
        return List.copyOf(scores.subList(0, Math.min(count, scores.size())));
    }
}
