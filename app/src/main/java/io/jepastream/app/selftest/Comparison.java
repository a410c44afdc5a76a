package io.jepastream.app.selftest;

import io.jepastream.app.selftest.Difference.What;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** Compares what a topic holds with what it must hold, record by record and in the order of each camera. */
final class Comparison {
    private final String topic;
    private final List<Difference> differences = new ArrayList<>();

    private Comparison(String topic) {
        this.topic = topic;
    }

    /**
     * Every difference.
     *
     * @param expected in the order of each group
     * @param actual in the order of the log
     */
    static List<Difference> of(String topic, List<Entry> expected, List<Entry> actual) {
        Comparison comparison = new Comparison(topic);
        Map<String, List<Entry>> wanted = byGroup(expected);
        Map<String, List<Entry>> found = byGroup(actual);
        TreeSet<String> groups = new TreeSet<>(wanted.keySet());
        groups.addAll(found.keySet());
        for (String group : groups) {
            comparison.compare(wanted.getOrDefault(group, List.of()), found.getOrDefault(group, List.of()));
        }
        return comparison.differences;
    }

    private static Map<String, List<Entry>> byGroup(List<Entry> entries) {
        Map<String, List<Entry>> groups = new HashMap<>();
        entries.forEach(entry -> groups.computeIfAbsent(entry.group(), group -> new ArrayList<>())
                .add(entry));
        return groups;
    }

    private void compare(List<Entry> expected, List<Entry> actual) {
        Map<String, List<Entry>> wanted = byName(expected);
        Map<String, List<Entry>> found = byName(actual);
        for (Map.Entry<String, List<Entry>> name : wanted.entrySet()) {
            List<Entry> twins = found.getOrDefault(name.getKey(), List.of());
            compareTwins(name.getValue(), twins);
        }
        for (Map.Entry<String, List<Entry>> name : found.entrySet()) {
            if (!wanted.containsKey(name.getKey())) {
                name.getValue().forEach(entry -> add(What.UNEXPECTED, entry, entry.where()));
            }
        }
        compareOrder(common(expected, found), common(actual, wanted));
    }

    private static Map<String, List<Entry>> byName(List<Entry> entries) {
        Map<String, List<Entry>> names = new LinkedHashMap<>();
        entries.forEach(entry ->
                names.computeIfAbsent(entry.name(), name -> new ArrayList<>()).add(entry));
        return names;
    }

    /** Records of one name, of which there may be several where a camera's time went back. */
    private void compareTwins(List<Entry> wanted, List<Entry> found) {
        for (int i = 0; i < Math.max(wanted.size(), found.size()); i++) {
            if (i >= found.size()) {
                add(What.MISSING, wanted.get(i), "");
            } else if (i >= wanted.size()) {
                add(What.TWICE, found.get(i), found.get(i).where());
            } else if (!wanted.get(i).digest().equals(found.get(i).digest())) {
                add(What.ALTERED, found.get(i), found.get(i).where());
            }
        }
    }

    /** Those that both sides have equally often. */
    private static List<Entry> common(List<Entry> entries, Map<String, List<Entry>> others) {
        Map<String, List<Entry>> own = byName(entries);
        return entries.stream()
                .filter(entry -> others.getOrDefault(entry.name(), List.of()).size()
                        == own.getOrDefault(entry.name(), List.of()).size())
                .toList();
    }

    private void compareOrder(List<Entry> expected, List<Entry> actual) {
        for (int i = 0; i < Math.min(expected.size(), actual.size()); i++) {
            if (!expected.get(i).name().equals(actual.get(i).name())) {
                add(
                        What.OUT_OF_ORDER,
                        actual.get(i),
                        "%s, want %s here"
                                .formatted(
                                        actual.get(i).where(), expected.get(i).name()));
                return; // what follows is out of order because of this one
            }
        }
    }

    private void add(What what, Entry entry, String detail) {
        differences.add(new Difference(what, topic, entry.group(), entry.name(), detail));
    }
}
