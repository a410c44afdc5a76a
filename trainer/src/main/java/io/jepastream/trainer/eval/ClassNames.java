package io.jepastream.trainer.eval;

import io.jepastream.trainer.data.VideoSet;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * The classes of a head.
 *
 * @param names in the order of the logits
 */
public record ClassNames(List<String> names) {
    public ClassNames {
        names = List.copyOf(names);
    }

    /** All labels of a set, by name, or by number where all are numbers. */
    public static ClassNames of(VideoSet set) {
        List<String> names = new ArrayList<>(set.videos().stream()
                .flatMap(v -> v.label().stream())
                .distinct()
                .toList());
        boolean numbers = names.stream().allMatch(name -> name.matches("\\d{1,9}"));
        names.sort(numbers ? Comparator.comparingInt(Integer::parseInt) : Comparator.naturalOrder());
        return new ClassNames(names);
    }

    /**
     * The class of this name, letter case aside, or of this number, from 0. A folder {@code pan-left} is the class "pan left"
     * unless one has that very name.
     */
    public OptionalInt index(String label) {
        OptionalInt same = first(name -> name.equalsIgnoreCase(label));
        if (same.isPresent()) {
            return same;
        }
        if (label.matches("\\d{1,9}") && Integer.parseInt(label) < names.size()) {
            return OptionalInt.of(Integer.parseInt(label));
        }
        return first(name -> spaced(name).equalsIgnoreCase(spaced(label)));
    }

    private OptionalInt first(Predicate<String> wanted) {
        return IntStream.range(0, names.size())
                .filter(i -> wanted.test(names.get(i)))
                .findFirst();
    }

    private static String spaced(String name) {
        return name.replace('-', ' ').replace('_', ' ');
    }
}
