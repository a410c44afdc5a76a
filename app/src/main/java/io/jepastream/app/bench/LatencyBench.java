package io.jepastream.app.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.jepastream.app.kafka.Site;
import io.jepastream.app.kafka.StreamsStage;
import io.jepastream.app.kafka.TopicReader;
import io.jepastream.app.pipeline.Stages;
import io.jepastream.encoder.stream.BatchedRunner;
import io.jepastream.encoder.wire.Embedding;
import io.jepastream.ingest.wire.Topics;
import io.jepastream.ingest.wire.Wire;
import io.jepastream.ingest.wire.WireException;
import io.jepastream.ingest.wire.WriterSchemas;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Cameras in real time through both stages, until a consumer of committed records holds the embedding.
 *
 * <p>A clip can only be written when a frame comes that is later than the clip's end by the allowed lateness. So each embedding
 * has two latencies: from the capture of the clip's last frame, which contains the lateness and up to a frame's interval on
 * either side, and from the sending of the frame that closed the clip, which is what the pipeline itself takes.
 */
final class LatencyBench {
    private static final double NANOS_OF_A_MILLI = 1e6;
    private static final int WARM_WINDOWS = 2; // of each camera: the first is not whole

    private static final Wire<Embedding> EMBEDDINGS =
            Wire.of(Embedding.getClassSchema(), new Embedding().getSpecificData());

    private static final Duration LONGEST_WAIT = Duration.ofMinutes(1); // for the first embedding that counts

    private final StreamSettings settings;
    private final BenchFootage footage;

    /** What was measured of one clip, milliseconds. */
    private record Sample(double fromCapture, double fromClosing) {}

    LatencyBench(StreamSettings settings, BenchFootage footage) {
        this.settings = settings;
        this.footage = footage;
    }

    /** One repetition on a broker of its own. */
    Map<String, Double> repetition() throws Exception {
        FixedTimeModel model = new FixedTimeModel(settings.model());
        try (BenchBroker broker = BenchBroker.start(settings.partitions());
                BatchedRunner runner = EncodeBench.runner(model, settings.batch())) {
            Site site = broker.site("bench");
            Stages stages = new Stages(site, broker.state("bench"), WriterSchemas.NONE, new SimpleMeterRegistry());
            try (StreamsStage encode = stages.encode(model, runner, List.of(), settings.encodeThreads());
                    StreamsStage assemble = stages.assemble(settings.clips(), settings.threads());
                    TopicReader reader = TopicReader.open(site, Topics.EMBEDDINGS, true)) {
                encode.start();
                assemble.start();
                Drain.await(encode, encode::isRunning);
                Drain.await(assemble, assemble::isRunning);
                return figures(follow(site, reader, List.of(encode, assemble)));
            }
        }
    }

    private List<Sample> follow(Site site, TopicReader reader, List<StreamsStage> stages) throws Exception {
        SentFrames log = new SentFrames(settings.clips());
        Map<String, Integer> seen = new HashMap<>();
        List<Sample> samples = new ArrayList<>();
        try (LiveCameras cameras = new LiveCameras(site, settings, footage, log)) {
            long end = System.nanoTime() + settings.live().toNanos();
            long latest = end + LONGEST_WAIT.toNanos();
            while (System.nanoTime() < (samples.isEmpty() ? latest : end)) {
                Iterable<ConsumerRecord<byte[], byte[]>> records = reader.poll();
                long now = System.nanoTime();
                for (ConsumerRecord<byte[], byte[]> record : records) {
                    Sample sample = sample(record, log, now);
                    if (seen.merge(new String(record.key(), UTF_8), 1, Integer::sum) > WARM_WINDOWS) {
                        samples.add(sample);
                    }
                }
                cameras.check();
                for (StreamsStage stage : stages) {
                    if (stage.awaitEnd(Duration.ZERO)) {
                        throw new IllegalStateException("a stage ended: " + stage.failure());
                    }
                }
            }
        }
        return samples;
    }

    private static Sample sample(ConsumerRecord<byte[], byte[]> record, SentFrames log, long now) throws WireException {
        Embedding embedding = EMBEDDINGS.read(record.value());
        long last = log.lastOf(embedding.getCamera(), embedding.getEnd());
        long closing = log.closing(embedding.getCamera(), embedding.getEnd());
        return new Sample((now - last) / NANOS_OF_A_MILLI, (now - closing) / NANOS_OF_A_MILLI);
    }

    private Map<String, Double> figures(List<Sample> samples) {
        if (samples.isEmpty()) {
            throw new IllegalArgumentException(
                    "latency: want embeddings, got none; are --fps and --clip-length such that windows fill?");
        }
        Percentiles capture =
                new Percentiles(samples.stream().map(Sample::fromCapture).toList());
        Percentiles closing =
                new Percentiles(samples.stream().map(Sample::fromClosing).toList());
        Map<String, Double> found = new HashMap<>();
        found.put("samples", (double) samples.size());
        for (int percent : new int[] {50, 95, 99}) {
            double share = percent / 100.0;
            found.put("capture-" + percent, capture.of(share));
            found.put("closing-" + percent, closing.of(share));
            found.put("own-" + percent, closing.of(share) - settings.model().toNanos() / NANOS_OF_A_MILLI);
        }
        return found;
    }

    void report(Series series, BenchReport report) {
        add(
                "latency, capture of a clip's last frame to its embedding, lateness of %d ms included"
                        .formatted(settings.clips().lateness().toMillis()),
                "capture",
                series,
                report);
        add("latency, sending of the frame that closes a clip to its embedding", "closing", series, report);
        add(
                "latency of the pipeline itself: that without one call of the model, %d ms"
                        .formatted(settings.model().toMillis()),
                "own",
                series,
                report);
        double rate = (double) settings.rate().numerator() / settings.rate().denominator();
        report.say("Latencies: %d cameras, %s frames/s each, %d embeddings in the median repetition."
                .formatted(settings.cameras(), BenchReport.number(rate), Math.round(series.median("samples"))));
    }

    private static void add(String what, String name, Series series, BenchReport report) {
        for (int percent : new int[] {50, 95, 99}) {
            report.add(Figure.of("%s, p%d".formatted(what, percent), "ms", series.of(name + "-" + percent)));
        }
    }
}
