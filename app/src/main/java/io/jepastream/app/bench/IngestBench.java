package io.jepastream.app.bench;

import io.jepastream.ingest.camera.CameraStatus;
import io.jepastream.ingest.camera.Cameras;
import io.jepastream.ingest.wire.Frame;
import io.jepastream.ingest.wire.Wire;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;

/**
 * Ingest without Kafka: a file goes through the camera's own threads (decode, sample, scale, JPEG, Avro record) as fast as they
 * can, beside the {@code ffmpeg} program doing the same, or beside nothing but decoding where there is none.
 *
 * <p>Figures are frames that come out for each second of a core: processor time of the whole process ({@link Work}), so that
 * neither the number of threads nor what else the machine does decides.
 */
public final class IngestBench {
    private static final String UNIT = "frames/s/core";

    private final IngestJob job;
    private final Optional<Ffmpeg> ffmpeg;

    private IngestBench(IngestJob job, Optional<Ffmpeg> ffmpeg) {
        this.job = job;
        this.ffmpeg = ffmpeg;
    }

    /**
     * Looks for {@code ffmpeg}.
     *
     * @param compare whether to compare with it at all
     */
    public static IngestBench of(IngestJob job, boolean compare) throws InterruptedException {
        return new IngestBench(job, compare ? Ffmpeg.find() : Optional.empty());
    }

    /** What the figures are compared with, for the line about the machine. */
    public Map<String, String> about() {
        return Map.of("ffmpeg", ffmpeg.map(Ffmpeg::version).orElse("none"));
    }

    /** Measures so many times, after a pass that does not count. */
    public void run(int repeat, BenchReport report) throws Exception {
        Series series = new Series();
        repetition(0);
        for (int i = 1; i <= repeat; i++) {
            series.add(repetition(i));
            series.add(IngestSteps.measure(job));
        }
        report(series, report);
    }

    private Map<String, Double> repetition(int number) throws Exception {
        Map<String, Double> found = new HashMap<>();
        boolean oursFirst = number % 2 == 0;
        if (oursFirst) {
            ours(found);
        }
        if (ffmpeg.isPresent()) {
            Work work = ffmpeg.get().work(job);
            found.put("ffmpeg", work.perCpuSecond());
            found.put("ffmpeg-wall", work.frames() / work.seconds());
        }
        Work decode = Work.measure(() -> IngestSteps.decodeOnly(job));
        found.put("decode-only", decode.perCpuSecond());
        if (!oursFirst) {
            ours(found);
        }
        return found;
    }

    private void ours(Map<String, Double> found) throws Exception {
        Work work = Work.measure(this::capture);
        found.put("ours", work.perCpuSecond());
        found.put("ours-wall", work.frames() / work.seconds());
    }

    private long capture() throws Exception {
        Wire<Frame> wire = Wire.frames();
        LongAdder bytes = new LongAdder();
        long frames = 0;
        for (int pass = 0; pass < job.passes(); pass++) {
            try (Cameras cameras = Cameras.start(
                    List.of(job.camera()), frame -> bytes.add(wire.write(frame).length), new SimpleMeterRegistry())) {
                CameraStatus status = cameras.ended().get().get(0);
                if (status.failed() || status.frames() == 0) {
                    throw new IllegalArgumentException(
                            "%s: want a video, got %s".formatted(job.file(), status.lastError()));
                }
                frames += status.frames();
            }
        }
        return frames;
    }

    private void report(Series series, BenchReport report) {
        double rate = (double) job.rate().numerator() / job.rate().denominator();
        String what = "ingest %s frames/s, short side %d, JPEG %d"
                .formatted(BenchReport.number(rate), job.shortSide(), job.quality());
        List<Double> bound = series.of("decode-only").stream()
                .map(frames -> frames / series.median("decoded"))
                .toList();
        if (ffmpeg.isPresent()) {
            report.add(Figure.of(what, UNIT, series.of("ours"), "ffmpeg, one thread", series.of("ffmpeg")));
            report.add(Figure.of(
                    what + ", by the clock", "frames/s", series.of("ours-wall"), "ffmpeg", series.of("ffmpeg-wall")));
        } else {
            report.say("There is no comparison with ffmpeg: it is not on the PATH, or not asked for.");
        }
        report.add(Figure.of(what + ", of decoding alone", UNIT, series.of("ours"), "decode only", bound));
        report.add(Figure.of("decode only", UNIT, series.of("decode-only")));
        report.add(Figure.of("decode, each frame decoded", "ms", series.of("decode"))
                .with("decoded for each kept", BenchReport.number(series.median("decoded"))));
        report.add(Figure.of("scale, each frame kept", "ms", series.of("scale")));
        report.add(Figure.of("JPEG, each frame kept", "ms", series.of("encode")));
        report.add(Figure.of("Avro record, each frame kept", "ms", series.of("record")));
    }
}
