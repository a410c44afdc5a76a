package io.jepastream.app.selftest;

import io.jepastream.app.selftest.Schedule.Planned;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What a campaign did and found, as a Markdown page. */
public final class Summary {
    private static final int MOST_DIFFERENCES = 200;

    private final Settings settings;
    private final List<Struck> struck = new ArrayList<>();
    private List<String> ends = List.of();
    private List<Difference> differences = List.of();
    private Map<String, Integer> records = Map.of();
    private Duration untilRest = Duration.ZERO;
    private Duration quietest = Duration.ZERO;
    private Duration took = Duration.ZERO;
    private List<String> memory = List.of();
    private List<String> withoutEffect = List.of();

    /**
     * A fault that happened.
     *
     * @param target to what
     * @param at since the start of the campaign
     * @param silence the longest of a camera from here to the next fault
     */
    record Struck(Planned fault, String target, Duration at, Duration silence) {}

    Summary(Settings settings) {
        this.settings = settings;
    }

    void add(Struck fault) {
        struck.add(fault);
    }

    /** The longest silence before any fault. */
    void undisturbed(Duration silence) {
        quietest = silence;
    }

    void finish(Verification.Result result, List<Difference> unfinished, List<String> ends) {
        this.ends = ends;
        records = result.records();
        differences = new ArrayList<>(unfinished);
        differences.addAll(result.differences());
    }

    void took(Duration untilRest, Duration all) {
        this.untilRest = untilRest;
        took = all;
    }

    /** Faults that were ordered and did not happen: the model was not called, or the clip did not come. */
    void withoutEffect(List<String> orders) {
        withoutEffect = orders;
    }

    /** Rows of a table: what became of the workers' memory. */
    void memory(List<String> rows) {
        memory = rows;
    }

    /** Whether there is no difference. */
    public boolean isExact() {
        return differences.isEmpty();
    }

    List<Difference> differences() {
        return differences;
    }

    int faults() {
        return struck.size();
    }

    /** The page. */
    public String markdown() {
        StringBuilder page = new StringBuilder();
        line(page, "# Self-test: %s", isExact() ? "no difference" : differences.size() + " differences");
        line(page, "");
        line(
                page,
                "Seed %d, %d faults, %d cameras at %.1f x real time, %d workers a stage, %d partitions; %s in all.",
                settings.seed(),
                struck.size(),
                settings.cameras(),
                settings.speed(),
                settings.workers(),
                settings.partitions(),
                seconds(took));
        line(
                page,
                "Longest silence of a camera before the first fault: %s. From the end of the footage to rest: %s.",
                seconds(quietest),
                seconds(untilRest));
        table(page);
        line(page, "");
        line(page, "| Topic | Committed records |");
        line(page, "|---|---|");
        records.forEach((topic, count) -> line(page, "| `%s` | %d |", topic, count));
        listOf(page, "Faults that never happened", withoutEffect);
        listOf(page, "Processes that ended by themselves", ends);
        listOf(
                page,
                "Differences",
                differences.stream()
                        .limit(MOST_DIFFERENCES)
                        .map(Difference::toString)
                        .toList());
        everyFault(page);
        if (!memory.isEmpty()) {
            line(page, "");
            line(page, "## Memory");
            line(page, "");
            line(
                    page,
                    "Over the last two thirds of the time; flat: an hour adds less than a tenth. Samples in `memory.csv`.");
            line(page, "");
            line(page, "| Worker and what | Mean | Slope, 95 % | |");
            line(page, "|---|---|---|---|");
            memory.forEach(row -> line(page, "%s", row));
        }
        return page.toString();
    }

    private void table(StringBuilder page) {
        Map<FaultKind, List<Struck>> kinds = new EnumMap<>(FaultKind.class);
        struck.forEach(each -> kinds.computeIfAbsent(each.fault().kind(), kind -> new ArrayList<>())
                .add(each));
        line(page, "");
        line(page, "| Fault | What | Count | Longest silence |");
        line(page, "|---|---|---|---|");
        kinds.forEach((kind, each) -> line(
                page,
                "| `%s` | %s | %d | %s |",
                kind.id(),
                kind.description(),
                each.size(),
                seconds(each.stream()
                        .map(Struck::silence)
                        .max(Duration::compareTo)
                        .orElse(Duration.ZERO))));
    }

    private void everyFault(StringBuilder page) {
        line(page, "");
        line(page, "## Every fault");
        line(page, "");
        for (Struck each : struck) {
            line(
                    page,
                    "%d. %s `%s` for %s: %s; silence %s",
                    each.fault().number(),
                    seconds(each.at()),
                    each.fault().kind().id(),
                    seconds(each.fault().length()),
                    each.target(),
                    seconds(each.silence()));
        }
    }

    private static void listOf(StringBuilder page, String title, List<String> lines) {
        line(page, "");
        line(page, "## %s", title);
        line(page, "");
        if (lines.isEmpty()) {
            line(page, "None.");
        }
        lines.forEach(each -> line(page, "* %s", each));
    }

    private static String seconds(Duration time) {
        return String.format(Locale.ROOT, "%.1f s", time.toMillis() / 1000.0);
    }

    private static void line(StringBuilder page, String format, Object... values) {
        page.append(values.length == 0 ? format : String.format(Locale.ROOT, format, values))
                .append('\n');
    }
}
