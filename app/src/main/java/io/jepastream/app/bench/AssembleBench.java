package io.jepastream.app.bench;

import io.jepastream.app.kafka.GroupLag;
import io.jepastream.app.kafka.Site;
import io.jepastream.app.kafka.StreamsStage;
import io.jepastream.app.pipeline.Stages;
import io.jepastream.ingest.clip.ClipTopology;
import io.jepastream.ingest.wire.Topics;
import io.jepastream.ingest.wire.WriterSchemas;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** The broker alone, and the assembling stage on the same broker and the same frames. */
final class AssembleBench {
    private static final double MEGA = 1e6;
    private static final String GROUP = "bench";

    private final StreamSettings settings;
    private final BenchFootage footage;
    private final Set<String> parts;

    /**
     * Prepares.
     *
     * @param parts {@code raw}, {@code assemble} or both; the copy that bounds {@code assemble} belongs to both
     */
    AssembleBench(StreamSettings settings, BenchFootage footage, Set<String> parts) {
        this.settings = settings;
        this.footage = footage;
        this.parts = parts;
    }

    /** One repetition on a broker of its own; the copy comes before the stage in every second one, else after it. */
    Map<String, Double> repetition(int number) throws Exception {
        Map<String, Double> found = new HashMap<>();
        try (BenchBroker broker = BenchBroker.start(settings.partitions())) {
            RawBroker raw = new RawBroker(broker.site(GROUP), settings, footage);
            Work produced = Work.measure(raw::produce);
            long frames = produced.frames();
            found.put("frame-bytes", broker.logBytes().getOrDefault(Topics.FRAMES, 0L) / (double) frames);
            found.put("produce", rate(produced));
            found.put("consume", rate(Work.measure(() -> RawBroker.consume(broker.site(GROUP), Topics.FRAMES))));
            boolean copyFirst = number % 2 == 0;
            if (copyFirst) {
                copy(raw, found);
            }
            if (parts.contains("assemble")) {
                assemble(broker, frames, found);
            }
            if (!copyFirst) {
                copy(raw, found);
            }
        }
        return found;
    }

    private static void copy(RawBroker raw, Map<String, Double> found) throws Exception {
        Work work = Work.measure(raw::copy);
        found.put("copy", rate(work));
        found.put("copy-cpu", work.perCpuSecond());
    }

    private static double rate(Work work) {
        return work.frames() / work.seconds();
    }

    private void assemble(BenchBroker broker, long frames, Map<String, Double> found) throws Exception {
        Site site = broker.site(GROUP);
        MeterRegistry metrics = new SimpleMeterRegistry();
        GroupLag lag = new GroupLag(broker.admin(), StreamsStage.group(site, ClipTopology.STAGE), Topics.FRAMES);
        Stages stages = new Stages(site, broker.state(GROUP), WriterSchemas.NONE, metrics);
        Map<String, Long> before = broker.logBytes();
        try (StreamsStage stage = stages.assemble(settings.clips(), settings.threads())) {
            Work work = new Drain(stage, () -> assembled(metrics), lag).run(frames);
            found.put("assemble", rate(work));
            found.put("assemble-cpu", work.perCpuSecond());
        }
        double clips = metrics.counter("jepastream.clips.emitted").count();
        if (clips == 0) {
            throw new IllegalArgumentException("want footage for a clip, got none; --seconds or --fps is too small");
        }
        grown(before, broker.logBytes(), clips, found);
        found.put("bytes-frames", before.getOrDefault(Topics.FRAMES, 0L) / clips / MEGA);
    }

    private static double assembled(MeterRegistry metrics) {
        return metrics.find("jepastream.frames.assembled").counters().stream()
                .mapToDouble(Counter::count)
                .sum();
    }

    /** Growth of the logs for each clip, megabytes. */
    private static void grown(
            Map<String, Long> before, Map<String, Long> after, double clips, Map<String, Double> found) {
        Map<String, Double> parts =
                new HashMap<>(Map.of("bytes-clips", 0.0, "bytes-changelogs", 0.0, "bytes-rest", 0.0));
        after.forEach((topic, bytes) -> {
            double growth = (bytes - before.getOrDefault(topic, 0L)) / clips / MEGA;
            String part = topic.equals(Topics.CLIPS)
                    ? "bytes-clips"
                    : topic.endsWith("-changelog") ? "bytes-changelogs" : "bytes-rest";
            parts.merge(part, growth, Double::sum);
        });
        found.putAll(parts);
    }

    void report(Series series, BenchReport report) {
        double bytes = series.median("frame-bytes");
        String frame = BenchReport.number(bytes / 1e3) + " kB";
        report.add(Figure.of("raw produce to frames", "frames/s", series.of("produce"))
                .with("record", frame)
                .with("bytes", megabytes(series, "produce")));
        report.add(Figure.of("raw consume of frames", "frames/s", series.of("consume"))
                .with("bytes", megabytes(series, "consume")));
        report.add(Figure.of("raw copy: read frames, write what assemble writes", "frames/s", series.of("copy"))
                .with("bytes in", megabytes(series, "copy")));
        if (!series.has("assemble")) {
            return;
        }
        String what = "assemble, exactly once, threads %d, partitions %d, cameras %d"
                .formatted(settings.threads(), settings.partitions(), settings.cameras());
        report.add(Figure.of(what, "frames/s", series.of("assemble"), "raw copy", series.of("copy"))
                .with("bytes in", megabytes(series, "assemble")));
        String cores = what + ", by processor time, broker too";
        report.add(Figure.of(cores, "frames/s/core", series.of("assemble-cpu"), "raw copy", series.of("copy-cpu")));
        for (String part : new String[] {"frames", "changelogs", "clips", "rest"}) {
            report.add(Figure.of("log growth for each clip: " + part, "MB", series.of("bytes-" + part)));
        }
    }

    private static String megabytes(Series series, String name) {
        return BenchReport.number(series.median(name) * series.median("frame-bytes") / MEGA) + " MB/s";
    }
}
