package io.jepastream.app.bench;

import io.jepastream.app.kafka.GroupLag;
import io.jepastream.app.kafka.Site;
import io.jepastream.app.kafka.StreamsStage;
import io.jepastream.app.pipeline.Stages;
import io.jepastream.encoder.stream.BatchedRunner;
import io.jepastream.encoder.stream.EncodeTopology;
import io.jepastream.ingest.wire.Topics;
import io.jepastream.ingest.wire.WriterSchemas;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The encoding stage with models that need no device: one that takes no time, and one that takes a fixed time. */
final class EncodeBench {
    private static final Duration MAX_WAIT = Duration.ofMillis(5); // as a served model by default
    private static final Duration MODEL_TIMEOUT = Duration.ofMinutes(3);

    private final StreamSettings settings;
    private final StoredClips clips;
    private final EncodeWithoutKafka memory;
    private final int count;
    private final int partitions;

    EncodeBench(StreamSettings settings, StoredClips clips) {
        this.settings = settings;
        this.clips = clips;
        List<byte[]> records = clips.values();
        this.memory = new EncodeWithoutKafka(records);
        this.count = records.size();
        this.partitions = Math.max(settings.partitions(), settings.encodeThreads());
    }

    /** A batcher as the product has it. */
    static BatchedRunner runner(FixedTimeModel model, int batch) {
        return new BatchedRunner(model, batch, MAX_WAIT, new BatchedRunner.Limits(Stages.CLIP_TIMEOUT, MODEL_TIMEOUT));
    }

    /** One repetition on a broker of its own; ceilings first in every second one, else last. */
    Map<String, Double> repetition(int number) throws Exception {
        Map<String, Double> found = new HashMap<>();
        try (BenchBroker broker = BenchBroker.start(partitions)) {
            clips.produce(broker.site("bench"), partitions);
            if (number % 2 == 0) {
                ceilings(broker, found);
            }
            FixedTimeModel free = new FixedTimeModel(Duration.ZERO);
            Work work = drain(broker, free, "free");
            found.put("free", work.frames() / work.seconds());
            found.put("free-cpu", work.perCpuSecond());
            FixedTimeModel slow = new FixedTimeModel(settings.model());
            found.put("slow", rate(drain(broker, slow, "slow")));
            List<FixedTimeModel.Call> calls = slow.calls();
            found.put("busy", FixedTimeModel.busyShare(calls, Math.min(settings.encodeThreads(), count / 4)));
            found.put("mean-batch", count / (double) calls.size());
            if (number % 2 != 0) {
                ceilings(broker, found);
            }
        }
        return found;
    }

    private void ceilings(BenchBroker broker, Map<String, Double> found) throws Exception {
        found.put("read", rate(Work.measure(() -> RawBroker.consume(broker.site("bench"), Topics.CLIPS))));
        Work work = Work.measure(() -> memory.run(settings.encodeThreads()));
        found.put("memory", rate(work));
        found.put("memory-cpu", work.perCpuSecond());
        found.putAll(memory.steps());
    }

    private Work drain(BenchBroker broker, FixedTimeModel model, String group) throws Exception {
        Site site = broker.site(group);
        MeterRegistry metrics = new SimpleMeterRegistry();
        GroupLag lag = new GroupLag(broker.admin(), StreamsStage.group(site, EncodeTopology.STAGE), Topics.CLIPS);
        Stages stages = new Stages(site, broker.state(group), WriterSchemas.NONE, metrics);
        try (BatchedRunner runner = runner(model, settings.batch());
                StreamsStage stage = stages.encode(model, runner, List.of(), settings.encodeThreads())) {
            return new Drain(
                            stage,
                            () -> metrics.counter("jepastream.clips.encoded").count(),
                            lag)
                    .run(count);
        }
    }

    private static double rate(Work work) {
        return work.frames() / work.seconds();
    }

    void report(Series series, BenchReport report) {
        String what = "encode, exactly once, model of %s, batch %d, threads %d";
        String free = what.formatted("no time", settings.batch(), settings.encodeThreads());
        double decode = series.median("step-decode");
        double cpu = series.median("free-cpu");
        report.add(Figure.of(free, "clips/s", series.of("free"), "raw read of clips", series.of("read")));
        report.add(Figure.of(
                free + ", beside memory", "clips/s", series.of("free"), "same work in memory", series.of("memory")));
        String cores = free + ", by processor time, broker too";
        report.add(
                Figure.of(cores, "clips/s/core", series.of("free-cpu"), "same work in memory", series.of("memory-cpu"))
                        .with("share of JPEG decoding", BenchReport.number(decode / 1e3 * cpu)));
        report.add(Figure.of("of a clip: read the record", "ms", series.of("step-read")));
        report.add(Figure.of("of a clip: decode its pictures", "ms", series.of("step-decode")));
        report.add(Figure.of("of a clip: prepare them", "ms", series.of("step-prepare")));
        double most = settings.batch() * 1000.0 / Math.max(1, settings.model().toMillis());
        report.add(Figure.of(
                        what.formatted(settings.model().toMillis() + " ms", settings.batch(), settings.encodeThreads()),
                        "clips/s",
                        series.of("slow"),
                        "model always busy with whole batches",
                        series.of("slow").stream().map(unused -> most).toList())
                .with("mean batch", BenchReport.number(series.median("mean-batch"))));
        report.add(Figure.of("model busy while clips wait", "of the time", series.of("busy")));
    }
}
