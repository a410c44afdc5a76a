package io.jepastream.app.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Quantities by name, each measured once in every repetition. */
final class Series {
    private final Map<String, List<Double>> values = new LinkedHashMap<>();

    /** Takes what one repetition has measured. */
    void add(Map<String, Double> repetition) {
        repetition.forEach((name, value) ->
                values.computeIfAbsent(name, unseen -> new ArrayList<>()).add(value));
    }

    boolean has(String name) {
        return values.containsKey(name);
    }

    /** All repetitions of a quantity, in order. */
    List<Double> of(String name) {
        List<Double> found = values.get(name);
        if (found == null) {
            throw new IllegalArgumentException("series: want one of %s, got %s".formatted(values.keySet(), name));
        }
        return found;
    }

    /** The middle one of all repetitions. */
    double median(String name) {
        return new Repetitions(of(name)).median();
    }
}
