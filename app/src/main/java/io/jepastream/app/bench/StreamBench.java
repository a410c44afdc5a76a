package io.jepastream.app.bench;

import java.util.List;
import java.util.Map;
import java.util.Set;

/** The streaming stages on a broker in this process, part by part. */
public final class StreamBench {
    private static final List<String> PARTS = List.of("raw", "assemble", "encode", "latency");

    private final StreamSettings settings;
    private final int repeat;
    private final BenchReport report;

    /** Prepares; figures go to the report. */
    public StreamBench(StreamSettings settings, int repeat, BenchReport report) {
        this.settings = settings;
        this.repeat = repeat;
        this.report = report;
    }

    /** One thing to measure. */
    private interface Part {
        Map<String, Double> repetition(int number) throws Exception;
    }

    /**
     * The parts of these names; all of them if there are none.
     *
     * @throws IllegalArgumentException if a name is not a part's
     */
    public static Set<String> parts(List<String> names) {
        if (!PARTS.containsAll(names)) {
            throw new IllegalArgumentException("--only: want some of %s, got %s".formatted(PARTS, names));
        }
        return Set.copyOf(names.isEmpty() ? PARTS : names);
    }

    /** Measures some parts; of each the first repetition warms up and does not count. */
    public void run(Set<String> parts) throws Exception {
        BenchFootage footage = BenchFootage.of(settings.side(), settings.rate());
        report.say("Pictures: JPEG, short side %d, mean %s kB"
                .formatted(settings.side(), BenchReport.number(footage.pictureBytes() / 1e3)));
        if (parts.contains("raw") || parts.contains("assemble")) {
            AssembleBench bench = new AssembleBench(settings, footage, parts);
            bench.report(measure(bench::repetition), report);
        }
        if (parts.contains("encode")) {
            EncodeBench bench = new EncodeBench(settings, StoredClips.of(settings, footage));
            bench.report(measure(bench::repetition), report);
        }
        if (parts.contains("latency")) {
            LatencyBench bench = new LatencyBench(settings, footage);
            bench.report(measure(number -> bench.repetition()), report);
        }
    }

    private Series measure(Part part) throws Exception {
        Series series = new Series();
        part.repetition(0);
        for (int i = 1; i <= repeat; i++) {
            series.add(part.repetition(i));
        }
        return series;
    }
}
