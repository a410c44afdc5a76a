package io.jepastream.benchmarks;

import io.jepastream.ingest.clip.ClipConfig;
import io.jepastream.ingest.clip.ClipSink;
import io.jepastream.ingest.clip.OfflineClips;
import io.jepastream.ingest.clip.Verdict;
import io.jepastream.ingest.wire.Clip;
import io.jepastream.ingest.wire.ClipGap;
import io.jepastream.ingest.wire.Frame;
import io.jepastream.ingest.wire.Wire;
import io.jepastream.ingest.wire.WireException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** One frame through the assembler without Kafka, a sixteenth or so of a clip; and to and from its record. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class AssemblerBenchmark {
    private static final long FRAME_MICROS = 93_750; // two a slot

    private final byte[] jpeg = Footage.jpeg();
    private final Wire<Frame> wire = Wire.frames();
    private final byte[] record = wire.write(Footage.frame(jpeg, 0, 0));
    private final OfflineClips clips = new OfflineClips(ClipConfig.defaults(), new Nowhere());
    private long next;

    /** The assembler alone: its clips are made and thrown away. */
    @Benchmark
    public Verdict assemble() throws WireException {
        long sequence = next++;
        return clips.accept(Footage.frame(jpeg, sequence, sequence * FRAME_MICROS));
    }

    /** Schema check and decoding of a frame's record; the picture stays as it is. */
    @Benchmark
    public Frame read() throws WireException {
        return wire.read(record);
    }

    /** A frame to its record. */
    @Benchmark
    public byte[] write() {
        return wire.write(Footage.frame(jpeg, 0, 0));
    }

    private static final class Nowhere implements ClipSink {
        @Override
        public void clip(Clip clip) {}

        @Override
        public void gap(ClipGap gap) {}
    }
}
