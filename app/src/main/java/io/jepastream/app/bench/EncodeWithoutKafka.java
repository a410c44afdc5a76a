package io.jepastream.app.bench;

import io.jepastream.encoder.ClipResult;
import io.jepastream.encoder.stream.ClipEncoder;
import io.jepastream.ingest.media.Picture;
import io.jepastream.ingest.media.PictureDecoder;
import io.jepastream.ingest.wire.Clip;
import io.jepastream.ingest.wire.ClipFrame;
import io.jepastream.ingest.wire.Wire;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** The work of the encoding stage on clips in memory, by a model that takes no time: no broker and no transactions. */
final class EncodeWithoutKafka {
    private static final int SAMPLE = 32; // clips
    private static final double NANOS_OF_A_MILLI = 1e6;

    private final List<byte[]> records;
    private final FixedTimeModel model = new FixedTimeModel(Duration.ZERO);

    EncodeWithoutKafka(List<byte[]> records) {
        this.records = records;
    }

    /** Reads, decodes and prepares every clip, on so many threads. */
    long run(int threads) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            List<Callable<Long>> shares = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                int first = i;
                shares.add(() -> share(first, threads));
            }
            long done = 0;
            for (Future<Long> share : pool.invokeAll(shares)) {
                done += share.get();
            }
            return done;
        } finally {
            pool.shutdown();
        }
    }

    private long share(int first, int step) throws Exception {
        Wire<Clip> wire = Wire.clips();
        long done = 0;
        ClipResult nothing = new ClipResult(new float[1], 1, 1, Map.of());
        try (ClipEncoder encoder = new ClipEncoder(model, clip -> nothing)) {
            for (int i = first; i < records.size(); i += step) {
                done += encoder.encode(wire.read(records.get(i))).start() > 0 ? 1 : 0;
            }
        }
        return done;
    }

    /** Milliseconds of a core for each clip: {@code read} the record, {@code decode} its pictures, {@code prepare} them. */
    Map<String, Double> steps() throws Exception {
        Wire<Clip> wire = Wire.clips();
        long[] took = new long[3];
        int clips = Math.min(SAMPLE, records.size());
        try (PictureDecoder decoder = new PictureDecoder()) {
            for (byte[] record : records.subList(0, clips)) {
                long start = Work.threadCpuNanos();
                Clip clip = wire.read(record);
                long read = Work.threadCpuNanos();
                List<Picture> pictures = new ArrayList<>();
                for (ClipFrame frame : clip.getFrames()) {
                    byte[] data = Wire.bytes(frame.getData());
                    pictures.add(decoder.decode(frame.getEncoding(), data, frame.getWidth(), frame.getHeight()));
                }
                long decoded = Work.threadCpuNanos();
                int bytes = model.prepare(pictures).length();
                took[0] += read - start;
                took[1] += decoded - read;
                took[2] += bytes > 0 ? Work.threadCpuNanos() - decoded : 0;
            }
        }
        Map<String, Double> found = new HashMap<>();
        found.put("step-read", took[0] / NANOS_OF_A_MILLI / clips);
        found.put("step-decode", took[1] / NANOS_OF_A_MILLI / clips);
        found.put("step-prepare", took[2] / NANOS_OF_A_MILLI / clips);
        return found;
    }
}
