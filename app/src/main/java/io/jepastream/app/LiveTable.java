package io.jepastream.app;

import io.jepastream.app.pipeline.CameraTally;
import io.jepastream.probeheads.wire.ActionLabels;
import io.jepastream.probeheads.wire.Label;
import java.io.PrintWriter;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * The newest label of every camera: a table that is drawn anew in place on a terminal, else a line per label.
 *
 * <p>Thread-safe.
 */
final class LiveTable {
    private static final DateTimeFormatter CLOCK =
            DateTimeFormatter.ofPattern("HH:mm:ss.S").withZone(ZoneId.systemDefault());

    private final PrintWriter out;
    private final boolean redraw;
    private final boolean live;
    private final InstantSource clock;
    private final Map<String, Row> rows = new TreeMap<>();
    private int drawn;
    private long labels;

    private record Row(ActionLabels labels, long latencyMillis) {}

    /**
     * An empty table.
     *
     * @param out where to print
     * @param redraw whether the terminal understands cursor movement
     * @param live whether clips carry the wall clock, so that a latency means something
     * @param clock the wall clock
     */
    LiveTable(PrintWriter out, boolean redraw, boolean live, InstantSource clock) {
        this.out = out;
        this.redraw = redraw;
        this.live = live;
        this.clock = clock;
    }

    /** Labels that were shown. */
    synchronized long labels() {
        return labels;
    }

    /** Shows the labels of a clip. */
    synchronized void add(ActionLabels clip) {
        long latency = ChronoUnit.MICROS.between(Instant.EPOCH, clock.instant()) / 1000 - clip.getEnd() / 1000;
        Row row = new Row(clip, latency);
        rows.put(clip.getCamera() + " " + clip.getHead(), row);
        labels++;
        if (!redraw) {
            out.println(line(row));
            out.flush();
        }
    }

    /** Draws the table over the one before; does nothing where lines are printed as they come. */
    synchronized void draw(Map<String, CameraTally> tallies) {
        if (!redraw) {
            return;
        }
        StringBuilder text = new StringBuilder();
        if (drawn > 0) {
            text.append("\033[").append(drawn).append('A');
        }
        text.append(line("camera", "clip", "head", "label", "", "latency"));
        rows.values().forEach(row -> text.append(line(row)).append("\033[K\n"));
        CameraTally all = tallies.values().stream().reduce(CameraTally::plus).orElse(CameraTally.NONE);
        text.append("\033[K\n").append(totals(all)).append("\033[K\n");
        drawn = rows.size() + 3;
        out.print(text);
        out.flush();
    }

    static String totals(CameraTally all) {
        return "%d clips, %d embeddings, %d gaps, %d dead letters"
                .formatted(all.clips(), all.embeddings(), all.gaps(), all.deadLetters());
    }

    private String line(Row row) {
        ActionLabels clip = row.labels();
        Label top = clip.getLabels().get(0);
        return cells(
                clip.getCamera(),
                CLOCK.format(Instant.EPOCH.plus(clip.getStart(), ChronoUnit.MICROS)),
                clip.getHead(),
                top.getLabel(),
                String.format(Locale.ROOT, "%5.1f %%", 100 * top.getProbability()),
                live ? row.latencyMillis() + " ms" : "");
    }

    private static String line(String... cells) {
        return cells(cells) + "\033[K\n";
    }

    private static String cells(String... cells) {
        return String.format(
                        Locale.ROOT,
                        "%-28s %-11s %-15s %-14s %8s %9s",
                        cells[0],
                        cells[1],
                        cells[2],
                        cells[3],
                        cells[4],
                        cells[5])
                .stripTrailing();
    }
}
