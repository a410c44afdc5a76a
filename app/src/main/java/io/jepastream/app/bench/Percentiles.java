package io.jepastream.app.bench;

import java.util.List;

/** Of many measured times those that a share of them does not exceed. */
final class Percentiles {
    private final List<Double> sorted;

    Percentiles(List<Double> values) {
        if (values.isEmpty()) {
            throw new IllegalArgumentException("percentiles: want a value or more, got none");
        }
        sorted = values.stream().sorted().toList();
    }

    /** The least value that this share of all values does not exceed (nearest rank). */
    double of(double share) {
        int rank = (int) Math.ceil(share * sorted.size());
        return sorted.get(Math.max(1, Math.min(sorted.size(), rank)) - 1);
    }

    int count() {
        return sorted.size();
    }
}
