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
        if (logits.length != labels.size() || count < 1) {
            throw new IllegalArgumentException("labels: want %d and a positive count, got %d and %d"
                    .formatted(logits.length, labels.size(), count));
        }
        float[] probabilities = softmax(logits);
        List<Score> scores = new ArrayList<>();
        for (int i = 0; i < probabilities.length; i++) {
            scores.add(new Score(i, labels.get(i), probabilities[i]));
        }
        scores.sort(Comparator.comparingDouble((Score s) -> -s.probability()).thenComparingInt(Score::index));
        return List.copyOf(scores.subList(0, Math.min(count, scores.size())));
    }
}
