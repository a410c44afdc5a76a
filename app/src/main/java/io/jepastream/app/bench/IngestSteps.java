package io.jepastream.app.bench;

import io.jepastream.ingest.camera.FrameRate;
import io.jepastream.ingest.media.FrameSource;
import io.jepastream.ingest.media.LibavSource;
import io.jepastream.ingest.media.Picture;
import io.jepastream.ingest.media.PictureEncoder;
import io.jepastream.ingest.media.PictureException;
import io.jepastream.ingest.media.SourceException;
import io.jepastream.ingest.wire.Frame;
import io.jepastream.ingest.wire.ImageEncoding;
import io.jepastream.ingest.wire.Wire;
import java.nio.ByteBuffer;
import java.util.Map;

/** The steps of ingest one by one, on one thread: time on the core for each. */
final class IngestSteps {
    private static final double MICROS = 1e6;
    private static final double NANOS_OF_A_MILLI = 1e6;

    private long decoded;
    private long kept;
    private long decode;
    private long scale;
    private long encode;
    private long record;

    private IngestSteps() {}

    /**
     * Goes over the file once.
     *
     * @return milliseconds: {@code decode} of each frame that was decoded; {@code scale}, {@code encode} and {@code record} of
     *     each that was kept; and {@code decoded}, how many frames were decoded for one that was kept
     */
    static Map<String, Double> measure(IngestJob job) throws SourceException, PictureException {
        IngestSteps steps = new IngestSteps();
        try (FrameSource source = open(job);
                PictureEncoder encoder = new PictureEncoder(ImageEncoding.JPEG, job.quality())) {
            steps.run(source, encoder, job);
        }
        return Map.of(
                "decode", steps.decode / NANOS_OF_A_MILLI / steps.decoded,
                "scale", steps.scale / NANOS_OF_A_MILLI / steps.kept,
                "encode", steps.encode / NANOS_OF_A_MILLI / steps.kept,
                "record", steps.record / NANOS_OF_A_MILLI / steps.kept,
                "decoded", (double) steps.decoded / steps.kept);
    }

    /** Our own reader and nothing else; says how many frames there were. */
    static long decodeOnly(IngestJob job) throws SourceException {
        long frames = 0;
        for (int pass = 0; pass < job.passes(); pass++) {
            try (FrameSource source = open(job)) {
                while (source.next()) {
                    frames++;
                }
            }
        }
        return frames;
    }

    private static FrameSource open(IngestJob job) throws SourceException {
        FrameSource source = LibavSource.of(job.camera().url(), job.camera().options());
        source.open();
        return source;
    }

    private void run(FrameSource source, PictureEncoder encoder, IngestJob job)
            throws SourceException, PictureException {
        Wire<Frame> wire = Wire.frames();
        long last = -1;
        long from = Work.threadCpuNanos();
        while (source.next()) {
            long after = Work.threadCpuNanos();
            decode += after - from;
            decoded++;
            long interval = interval(source.timeMicros(), job.rate());
            if (interval > last) {
                last = interval;
                take(source, encoder, wire, job);
            }
            from = Work.threadCpuNanos();
        }
    }

    private void take(FrameSource source, PictureEncoder encoder, Wire<Frame> wire, IngestJob job)
            throws PictureException {
        long from = Work.threadCpuNanos();
        Picture picture = source.picture(job.shortSide());
        long scaled = Work.threadCpuNanos();
        byte[] jpeg = encoder.encode(picture);
        long encoded = Work.threadCpuNanos();
        byte[] bytes = wire.write(Frame.newBuilder()
                .setCamera("bench")
                .setSession(0)
                .setSequence(kept)
                .setCapturedAt(source.timeMicros())
                .setWidth(picture.width())
                .setHeight(picture.height())
                .setEncoding(encoder.encoding())
                .setData(ByteBuffer.wrap(jpeg))
                .build());
        record += Work.threadCpuNanos() - encoded;
        encode += encoded - scaled;
        scale += scaled - from;
        kept += bytes.length > 0 ? 1 : 0;
    }

    /** As the camera samples: the first frame of each interval. */
    private static long interval(long micros, FrameRate rate) {
        return (long) Math.floor(micros / MICROS * rate.numerator() / rate.denominator());
    }
}
