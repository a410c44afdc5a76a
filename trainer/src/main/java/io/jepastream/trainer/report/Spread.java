package io.jepastream.trainer.report;

import java.util.List;
import java.util.Locale;

/**
 * Values over repeats.
 *
 * @param count of them
 * @param mean of them, not a number without any
 * @param deviation with n - 1; 0 for one
 */
record Spread(int count, double mean, double deviation) {
    static Spread of(List<Double> values) {
        double mean = values.stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN);
        double squares = values.stream()
                .mapToDouble(value -> (value - mean) * (value - mean))
                .sum();
        return new Spread(values.size(), mean, values.size() < 2 ? 0 : Math.sqrt(squares / (values.size() - 1)));
    }

    /** In percent, as in a table. */
    String percent() {
        if (count == 0) {
            return "-";
        }
        String text = String.format(Locale.ROOT, "%.1f", 100 * mean);
        return count == 1 ? text : text + String.format(Locale.ROOT, " ± %.1f", 100 * deviation);
    }
}
