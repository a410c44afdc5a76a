package io.jepastream.benchmarks;

import io.jepastream.encoder.EvalTransform;
import io.jepastream.encoder.PixelClip;
import io.jepastream.ingest.media.Picture;
import io.jepastream.ingest.media.PictureDecoder;
import io.jepastream.ingest.media.PictureEncoder;
import io.jepastream.ingest.media.PictureException;
import io.jepastream.ingest.wire.ImageEncoding;
import java.util.Collections;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** What one picture of a clip costs on its way to the model, and what sixteen cost when they become a clip. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class PictureBenchmark {
    private static final int FRAMES = 16;

    /** Side of the model's clips: 224 only crops a picture of 256 rows, the others scale it. */
    @Param({"112", "224", "256"})
    public int crop;

    private final Picture picture = Footage.picture();
    private final byte[] jpeg = Footage.jpeg();
    private final PictureDecoder decoder = new PictureDecoder();
    private final PictureEncoder encoder = new PictureEncoder(ImageEncoding.JPEG, PictureEncoder.DEFAULT_QUALITY);

    /** Frees the codecs. */
    @TearDown
    public void close() {
        decoder.close();
        encoder.close();
    }

    /** JPEG to planar RGB. */
    @Benchmark
    public Picture decode() throws PictureException {
        return decoder.decode(ImageEncoding.JPEG, jpeg, Footage.WIDTH, Footage.HEIGHT);
    }

    /** Planar RGB to JPEG. */
    @Benchmark
    public byte[] encode() {
        return encoder.encode(picture);
    }

    /** Planar RGB to the model's view. */
    @Benchmark
    public byte[] view() {
        return new EvalTransform(crop).view(picture.planes(), Footage.WIDTH, Footage.HEIGHT);
    }

    /** Sixteen views to a clip. */
    @Benchmark
    public PixelClip interleave() {
        return PixelClip.of(Collections.nCopies(FRAMES, new byte[3 * crop * crop]), crop);
    }
}
