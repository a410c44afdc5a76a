package io.jepastream.app.kafka;

import io.jepastream.encoder.Digest;
import java.util.Map;
import java.util.SortedMap;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What workers that encode the same clips must have in common.
 *
 * @param values by name, such as the digests of weights and heads; names and values of one line, names without {@code =}
 */
public record ModelSheet(SortedMap<String, String> values) {
    /** A sheet of these values. */
    public ModelSheet {
        values = new TreeMap<>(values);
    }

    /** A sheet of these values. */
    public ModelSheet(Map<String, String> values) {
        this(new TreeMap<>(values));
    }

    /** The sheet that {@link #text} wrote; lines that are none are passed over. */
    static ModelSheet parse(String text) {
        Map<String, String> values = new TreeMap<>();
        text.lines().filter(line -> line.indexOf('=') > 0).forEach(line -> {
            int at = line.indexOf('=');
            values.put(line.substring(0, at), line.substring(at + 1));
        });
        return new ModelSheet(values);
    }

    /** A line {@code name=value} for each, by name. */
    String text() {
        StringBuilder text = new StringBuilder();
        values.forEach(
                (name, value) -> text.append(name).append('=').append(value).append('\n'));
        return text.toString();
    }

    /** Twelve hexadecimal digits that stand for the whole sheet. */
    public String digest() {
        return Digest.ofText(text()).substring(0, 12);
    }

    /** What differs from another sheet, in words: {@code precision: want fp32, got bf16; ...}. */
    String differencesOf(ModelSheet other) {
        StringJoiner all = new StringJoiner("; ");
        TreeSet<String> names = new TreeSet<>(values.keySet());
        names.addAll(other.values.keySet());
        for (String name : names) {
            String want = shown(values.get(name));
            String got = shown(other.values.get(name));
            if (!want.equals(got)) {
                all.add("%s: want %s, got %s".formatted(name, want, got));
            }
        }
        return all.toString();
    }

    private static String shown(@Nullable String value) {
        return value == null ? "none" : value;
    }
}
