package io.jepastream.app.plan;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The one table that plans rest on, {@code constants.csv}: name, value, unit, and where the value is from: {@code measured},
 * {@code datasheet} or {@code assumed}, with how.
 */
public final class PlanConstants {
    private static final String TABLE = "constants.csv";
    private static final String GPU = "gpu.";
    private static final int COLUMNS = 4;

    private final Map<String, Row> rows;

    /** One line of the table. */
    public record Row(String name, double value, String unit, String source) {
        boolean isAssumed() {
            return source.startsWith("assumed");
        }
    }

    private PlanConstants(Map<String, Row> rows) {
        this.rows = rows;
    }

    /** Reads the table that the program comes with. */
    public static PlanConstants read() throws IOException {
        Map<String, Row> rows = new LinkedHashMap<>();
        try (InputStream in = PlanConstants.class.getResourceAsStream(TABLE)) {
            if (in == null) {
                throw new IllegalStateException("plan: want a resource %s, got none".formatted(TABLE));
            }
            List<String> lines =
                    new BufferedReader(new InputStreamReader(in, UTF_8)).lines().toList();
            for (String line : lines.subList(1, lines.size())) {
                Row row = row(line);
                rows.put(row.name(), row);
            }
        }
        return new PlanConstants(rows);
    }

    private static Row row(String line) {
        String[] cells = line.split(",", COLUMNS); // the last may hold commas
        if (cells.length != COLUMNS) {
            throw new IllegalStateException("plan: want name,value,unit,source, got '%s'".formatted(line));
        }
        return new Row(cells[0], Double.parseDouble(cells[1]), cells[2], cells[3]);
    }

    /** The value of this name. */
    double get(String name) {
        Row row = rows.get(name);
        if (row == null) {
            throw new IllegalArgumentException("plan: want one of %s, got '%s'".formatted(rows.keySet(), name));
        }
        return row.value();
    }

    /** GPUs of which the table knows the peak. */
    public List<String> gpus() {
        return rows.keySet().stream()
                .filter(name -> name.startsWith(GPU))
                .map(name -> name.substring(GPU.length()))
                .toList();
    }

    /** Peak of a GPU's bf16 matrix products, floating-point operations a second. */
    double gpuPeak(String gpu) {
        return get(GPU + gpu) * 1e12;
    }

    /** All lines, and those that nobody has measured. */
    public List<Row> rows() {
        return new ArrayList<>(rows.values());
    }

    /** Lines that are neither measured nor of a datasheet. */
    public List<Row> assumed() {
        return rows.values().stream().filter(Row::isAssumed).toList();
    }
}
