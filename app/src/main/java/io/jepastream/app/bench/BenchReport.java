package io.jepastream.app.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The figures of one benchmark: a line each as they come, a file of all of them at the end. */
public final class BenchReport {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int DIGITS = 3;

    private final PrintWriter out;
    private final String command;
    private final Map<String, String> machine;
    private final List<Figure> figures = new ArrayList<>();

    /**
     * Begins with a line about the machine.
     *
     * @param command as it was typed
     * @param machine what the figures depend on
     */
    public BenchReport(PrintWriter out, String command, Map<String, String> machine) {
        this.out = out;
        this.command = command;
        this.machine = new LinkedHashMap<>(machine);
        out.println(String.join(
                ", ",
                machine.entrySet().stream()
                        .map(e -> e.getKey() + " " + e.getValue())
                        .toList()));
        out.println();
        out.flush();
    }

    /** Shows a figure. */
    public void add(Figure figure) {
        figures.add(figure);
        out.println(line(figure));
        out.flush();
    }

    /** Says something that is no figure. */
    public void say(String line) {
        out.println(line);
        out.flush();
    }

    static String line(Figure figure) {
        StringBuilder line = new StringBuilder(figure.what())
                .append(": ")
                .append(range(figure.values()))
                .append(' ')
                .append(figure.unit());
        figure.ceiling()
                .ifPresent(bound -> line.append("; ")
                        .append(bound.what())
                        .append(' ')
                        .append(range(bound.values()))
                        .append("; ratio ")
                        .append(range(figure.ratios().orElseThrow())));
        figure.also()
                .forEach((name, value) ->
                        line.append("; ").append(name).append(' ').append(value));
        return line.toString();
    }

    /** The median, and the least and most where they are seen to differ. */
    private static String range(Repetitions values) {
        String median = number(values.median());
        String least = number(values.least());
        String most = number(values.most());
        return least.equals(most) ? median : "%s (%s to %s)".formatted(median, least, most);
    }

    /** Three digits that count; no exponent. */
    static String number(double value) {
        if (value == 0) {
            return "0";
        }
        int whole = (int) Math.floor(Math.log10(Math.abs(value))) + 1;
        return String.format(Locale.ROOT, "%." + Math.max(0, DIGITS - whole) + "f", value);
    }

    /**
     * Writes {@code command}, {@code time}, {@code machine} and {@code figures}, each with every repetition.
     *
     * @throws IOException if the file cannot be written
     */
    public void write(Path file) throws IOException {
        ObjectNode root = JSON.createObjectNode();
        root.put("command", command);
        root.put("time", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        ObjectNode about = root.putObject("machine");
        machine.forEach(about::put);
        ArrayNode all = root.putArray("figures");
        figures.forEach(figure -> write(all.addObject(), figure));
        JSON.writerWithDefaultPrettyPrinter().writeValue(file.toFile(), root);
    }

    private static void write(ObjectNode node, Figure figure) {
        node.put("what", figure.what());
        node.put("unit", figure.unit());
        write(node.putObject("value"), figure.values());
        figure.ceiling().ifPresent(bound -> {
            ObjectNode ceiling = node.putObject("ceiling");
            ceiling.put("what", bound.what());
            write(ceiling, bound.values());
        });
        Optional<Repetitions> ratios = figure.ratios();
        ratios.ifPresent(values -> write(node.putObject("ratio"), values));
        if (!figure.also().isEmpty()) {
            ObjectNode also = node.putObject("also");
            figure.also().forEach(also::put);
        }
    }

    private static void write(ObjectNode node, Repetitions values) {
        node.put("median", values.median());
        node.put("least", values.least());
        node.put("most", values.most());
        ArrayNode each = node.putArray("repetitions");
        values.values().forEach(each::add);
    }
}
