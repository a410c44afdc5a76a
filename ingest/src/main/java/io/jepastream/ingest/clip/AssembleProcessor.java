package io.jepastream.ingest.clip;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.jepastream.ingest.wire.Clip;
import io.jepastream.ingest.wire.ClipGap;
import io.jepastream.ingest.wire.DeadLetter;
import io.jepastream.ingest.wire.Frame;
import io.jepastream.ingest.wire.Topics;
import io.jepastream.ingest.wire.Wire;
import io.jepastream.ingest.wire.WireException;
import io.jepastream.ingest.wire.WriterSchemas;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/** Moves records between Kafka and {@link ClipAssembler}; decides nothing itself but what is no frame at all. */
final class AssembleProcessor extends ContextualProcessor<byte[], byte[], byte[], byte[]> {
    private final Wire<Frame> frames;
    private final Wire<Clip> clips = Wire.clips();
    private final Wire<ClipGap> gaps = Wire.gaps();
    private final ClipAssembler assembler;
    private final FrameCheck check;
    private final Map<Verdict, Counter> verdicts = new EnumMap<>(Verdict.class);
    private final Counter clipsEmitted;
    private final Counter gapsEmitted;
    private final Counter deadLetters;
    private @Nullable KeyValueStore<String, byte[]> cameras;
    private @Nullable KeyValueStore<Bytes, byte[]> pictures;

    AssembleProcessor(ClipConfig config, WriterSchemas others, MeterRegistry metrics) {
        frames = Wire.frames(others);
        assembler = new ClipAssembler(config);
        check = new FrameCheck(config.slots());
        for (Verdict verdict : Verdict.values()) {
            verdicts.put(verdict, metrics.counter("jepastream.frames.assembled", "verdict", verdict.tag()));
        }
        clipsEmitted = metrics.counter("jepastream.clips.emitted");
        gapsEmitted = metrics.counter("jepastream.clip.gaps");
        deadLetters = metrics.counter("jepastream.dead.letters", "stage", ClipTopology.STAGE);
    }

    @Override
    public void init(ProcessorContext<byte[], byte[]> context) {
        super.init(context);
        cameras = context.getStateStore(ClipTopology.CAMERAS);
        pictures = context.getStateStore(ClipTopology.PICTURES);
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        Verdict verdict;
        try {
            Frame frame = read(record);
            verdict = assembler.accept(frame, store(frame.getCamera()), new Windows(record));
        } catch (WireException e) {
            deadLetters.increment();
            context()
                    .forward(
                            DeadLetter.of(record, context().recordMetadata().orElseThrow(), ClipTopology.STAGE, e),
                            ClipTopology.TO_DEAD_LETTERS);
            return;
        }
        counter(verdict).increment();
    }

    private Counter counter(Verdict verdict) {
        Counter counter = verdicts.get(verdict);
        if (counter == null) {
            throw new IllegalStateException("no counter for verdict " + verdict);
        }
        return counter;
    }

    private Frame read(Record<byte[], byte[]> record) throws WireException {
        if (record.value() == null) {
            throw new WireException("Frame: want a record, got an empty value");
        }
        Frame frame = frames.read(record.value());
        if (record.key() == null
                || !Arrays.equals(record.key(), frame.getCamera().getBytes(UTF_8))) {
            throw new WireException("Frame: want the camera '%s' as the record's key, got %s"
                    .formatted(frame.getCamera(), record.key() == null ? "none" : new String(record.key(), UTF_8)));
        }
        check.check(frame);
        return frame;
    }

    private CameraStore store(String camera) {
        if (cameras == null || pictures == null) {
            throw new IllegalStateException("process before init");
        }
        return new KafkaCameraStore(camera, cameras, pictures, frames);
    }

    /** Sends windows on; their records carry the time of the record that closed them, so that a replay writes the same. */
    private final class Windows implements ClipSink {
        private final Record<byte[], byte[]> cause;

        private Windows(Record<byte[], byte[]> cause) {
            this.cause = cause;
        }

        @Override
        public void clip(Clip clip) {
            clipsEmitted.increment();
            forward(clips.write(clip), clip.getStart(), ClipTopology.TO_CLIPS);
        }

        @Override
        public void gap(ClipGap gap) {
            gapsEmitted.increment(gap.getWindows());
            forward(gaps.write(gap), gap.getStart(), ClipTopology.TO_GAPS);
        }

        private void forward(byte[] value, long start, String sink) {
            RecordHeaders headers = new RecordHeaders();
            headers.add(Topics.HEADER_CLIP_START, Long.toString(start).getBytes(UTF_8));
            context().forward(new Record<>(cause.key(), value, cause.timestamp(), headers), sink);
        }
    }
}
