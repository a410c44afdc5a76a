package io.jepastream.app.bench;

import io.jepastream.ingest.camera.FrameRate;
import io.jepastream.ingest.clip.ClipConfig;
import io.jepastream.ingest.media.Picture;
import io.jepastream.ingest.media.PictureEncoder;
import io.jepastream.ingest.media.SourceException;
import io.jepastream.ingest.synth.SyntheticSettings;
import io.jepastream.ingest.synth.SyntheticSource;
import io.jepastream.ingest.wire.Frame;
import io.jepastream.ingest.wire.ImageEncoding;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/** Frames of any number of cameras: JPEGs of one generated world, the same few again and again. Thread-safe. */
final class BenchFootage {
    /** When stored footage begins, epoch microseconds; a window begins there too, whatever its length in seconds. */
    static final long START = 1_000_000_080_000_000L;

    private static final int FPS = 16;
    private static final int SECONDS = 4;
    private static final long MICROS = 1_000_000;

    private final int width;
    private final int height;
    private final List<byte[]> pictures;
    private final FrameRate rate;

    private BenchFootage(int width, int height, List<byte[]> pictures, FrameRate rate) {
        this.width = width;
        this.height = height;
        this.pictures = pictures;
        this.rate = rate;
    }

    /** Renders the pictures, 4:3, of this short side. */
    static BenchFootage of(int side, FrameRate rate) {
        int width = (side * 4 / 3 + 1) / 2 * 2;
        SyntheticSettings settings = SyntheticSettings.parse(
                "tour,seed=1,fps=%d,duration=%d,size=%dx%d".formatted(FPS, SECONDS, width, side));
        List<byte[]> pictures = new ArrayList<>();
        try (SyntheticSource source = new SyntheticSource(settings, InstantSource.system());
                PictureEncoder encoder = new PictureEncoder(ImageEncoding.JPEG, PictureEncoder.DEFAULT_QUALITY)) {
            source.open();
            while (source.next()) {
                Picture picture = source.picture(0);
                pictures.add(encoder.encode(picture));
            }
        } catch (SourceException e) {
            throw new IllegalStateException("the generated camera failed: " + e.getMessage(), e);
        }
        return new BenchFootage(width, side, pictures, rate);
    }

    static String camera(int number) {
        return "camera-%03d".formatted(number);
    }

    /** When this frame of stored footage was captured, epoch microseconds. */
    long capturedAt(long index) {
        return START + index * MICROS * rate.denominator() / rate.numerator();
    }

    /** Whether this frame of stored footage is the first of its slot, and so is kept. */
    boolean isKept(long index, ClipConfig clips) {
        long slot = clips.length().toNanos() / 1000 / clips.slots();
        return index == 0 || capturedAt(index) / slot != capturedAt(index - 1) / slot;
    }

    /** A frame of a camera. */
    Frame frame(int camera, long index, long capturedAt) {
        byte[] picture = pictures.get((int) ((index + 7L * camera) % pictures.size()));
        return Frame.newBuilder()
                .setCamera(camera(camera))
                .setSession(1)
                .setSequence(index)
                .setCapturedAt(capturedAt)
                .setWidth(width)
                .setHeight(height)
                .setEncoding(ImageEncoding.JPEG)
                .setData(ByteBuffer.wrap(picture))
                .build();
    }

    /** Mean size of a picture, bytes. */
    double pictureBytes() {
        return pictures.stream().mapToInt(picture -> picture.length).average().orElseThrow();
    }
}
