package io.jepastream.app;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/** What is found in a model: facts in order, and what is unusual about it. */
final class Findings {
    private static final int WIDTH = 120;
    private static final int LABEL = 15;

    private final List<String[]> facts = new ArrayList<>();
    private final List<String> unusual = new ArrayList<>();

    /** A fact; consecutive ones of one label belong together. */
    void fact(String label, String text) {
        boolean again = !facts.isEmpty() && facts.get(facts.size() - 1)[0].equals(label);
        facts.add(new String[] {label, text, again ? "" : label});
    }

    void unusual(String text) {
        unusual.add(text);
    }

    void print(PrintWriter out) {
        facts.forEach(fact -> print(out, fact[2], fact[1]));
        if (unusual.isEmpty()) {
            print(out, "unusual", "nothing");
        }
        for (int i = 0; i < unusual.size(); i++) {
            print(out, i == 0 ? "unusual" : "", unusual.get(i));
        }
        out.flush();
    }

    /** Breaks the text at spaces where it would pass the width. */
    private static void print(PrintWriter out, String label, String text) {
        String first = label;
        String rest = text;
        int room = WIDTH - LABEL - 1;
        while (rest.length() > room) {
            int space = rest.lastIndexOf(' ', room);
            int cut = space > 0 ? space : room;
            out.printf("%-" + LABEL + "s %s%n", first, rest.substring(0, cut));
            rest = rest.substring(cut).stripLeading();
            first = "";
        }
        out.printf("%-" + LABEL + "s %s%n", first, rest);
    }
}
