package io.jepastream.app.bench;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * One row of a benchmark.
 *
 * @param what was measured, with the settings in which rows differ
 * @param unit of the values and of the ceiling
 * @param values one for each repetition
 * @param ceiling what bounds them, measured in the same repetitions; none where a figure stands for itself
 * @param also what else the row knows, in the order in which it is shown: name and value with its unit
 */
public record Figure(
        String what, String unit, Repetitions values, Optional<Ceiling> ceiling, Map<String, String> also) {

    /**
     * A bound.
     *
     * @param what it is, such as the device's matrix product
     * @param values one for each repetition, in the unit of the figure
     */
    public record Ceiling(String what, Repetitions values) {}

    public Figure {
        also = new LinkedHashMap<>(also);
        ceiling.ifPresent(bound -> requirePairs(what, values, bound));
    }

    /** A figure with its ceiling, repetition by repetition. */
    public static Figure of(String what, String unit, List<Double> values, String ceiling, List<Double> bounds) {
        Ceiling bound = new Ceiling(ceiling, new Repetitions(bounds));
        return new Figure(what, unit, new Repetitions(values), Optional.of(bound), Map.of());
    }

    /** A figure that nothing bounds. */
    public static Figure of(String what, String unit, List<Double> values) {
        return new Figure(what, unit, new Repetitions(values), Optional.empty(), Map.of());
    }

    /** The same figure with one thing more that is known. */
    public Figure with(String name, String value) {
        Map<String, String> more = new LinkedHashMap<>(also);
        more.put(name, value);
        return new Figure(what, unit, values, ceiling, more);
    }

    /**
     * Shares of the ceiling that were reached, each taken within its repetition, so that what else the machine does at
     * that time troubles both.
     */
    public Optional<Repetitions> ratios() {
        return ceiling.map(bound -> new Repetitions(IntStream.range(
                        0, values.values().size())
                .mapToObj(i -> values.values().get(i) / bound.values().values().get(i))
                .toList()));
    }

    private static void requirePairs(String what, Repetitions values, Ceiling ceiling) {
        int wanted = values.values().size();
        int got = ceiling.values().values().size();
        if (wanted != got) {
            throw new IllegalArgumentException(
                    "%s: want a ceiling for each of %d repetitions, got %d".formatted(what, wanted, got));
        }
    }
}
