package io.jepastream.app.bench;

import java.util.List;

/**
 * One quantity measured again and again.
 *
 * @param values in the order in which they were measured, one or more
 */
public record Repetitions(List<Double> values) {
    public Repetitions {
        if (values.isEmpty() || !values.stream().allMatch(Double::isFinite)) {
            throw new IllegalArgumentException("repetitions: want one finite value or more, got %s".formatted(values));
        }
        values = List.copyOf(values);
    }

    /** The middle value; of an even number the mean of the two in the middle. */
    public double median() {
        List<Double> sorted = values.stream().sorted().toList();
        int half = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(half) : (sorted.get(half - 1) + sorted.get(half)) / 2;
    }

    public double least() {
        return values.stream().mapToDouble(Double::doubleValue).min().orElseThrow();
    }

    public double most() {
        return values.stream().mapToDouble(Double::doubleValue).max().orElseThrow();
    }
}
