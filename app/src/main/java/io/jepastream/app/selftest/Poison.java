package io.jepastream.app.selftest;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.jepastream.ingest.wire.Clip;
import io.jepastream.ingest.wire.ClipFrame;
import io.jepastream.ingest.wire.ClipGap;
import io.jepastream.ingest.wire.Frame;
import io.jepastream.ingest.wire.GapReason;
import io.jepastream.ingest.wire.ImageEncoding;
import io.jepastream.ingest.wire.Topics;
import io.jepastream.ingest.wire.Wire;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Records that nothing can be made of: each must become one dead letter. */
final class Poison {
    /** Header of such a record: what is wrong with it. */
    static final String HEADER = "selftest-poison";

    private static final int HUGE = 60_000;

    private final SplittableRandom random;

    Poison(SplittableRandom random) {
        this.random = random;
    }

    /** One record of each kind, for both stages, under this camera's key. */
    List<ProducerRecord<byte[], byte[]>> records(String camera) {
        byte[] noise = new byte[200];
        random.nextBytes(noise);
        byte[] frame = Wire.frames().write(picture(camera, ImageEncoding.RGB24, 16, 16, new byte[768]));
        byte[] huge = Wire.frames().write(picture(camera, ImageEncoding.JPEG, HUGE, HUGE, jpegOf(HUGE)));
        byte[] clip = Wire.clips().write(clip(camera, ImageEncoding.JPEG, jpegOf(HUGE)));
        byte[] bomb = Wire.clips().write(clip(camera, ImageEncoding.PNG, pngOf(HUGE)));
        byte[] gap = Wire.gaps().write(gap(camera));
        List<ProducerRecord<byte[], byte[]>> all = new ArrayList<>();
        all.add(record(Topics.FRAMES, camera, noise, "random bytes"));
        all.add(record(Topics.FRAMES, camera, Arrays.copyOf(frame, frame.length / 2), "truncated"));
        all.add(record(Topics.FRAMES, camera, gap, "wrong schema"));
        all.add(record(Topics.FRAMES, camera, huge, "huge picture"));
        all.add(record(Topics.FRAMES, camera, new byte[0], "empty"));
        all.add(record(Topics.CLIPS, camera, noise, "random bytes"));
        all.add(record(Topics.CLIPS, camera, Arrays.copyOf(clip, clip.length / 2), "truncated"));
        all.add(record(Topics.CLIPS, camera, gap, "wrong schema"));
        all.add(record(Topics.CLIPS, camera, clip, "huge pictures"));
        all.add(record(Topics.CLIPS, camera, bomb, "decompression bombs"));
        return all;
    }

    private static ProducerRecord<byte[], byte[]> record(String topic, String camera, byte[] value, String what) {
        ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(topic, camera.getBytes(UTF_8), value);
        record.headers().add(HEADER, what.getBytes(UTF_8));
        return record;
    }

    private static Frame picture(String camera, ImageEncoding encoding, int width, int height, byte[] data) {
        return Frame.newBuilder()
                .setCamera(camera)
                .setSession(1)
                .setSequence(0)
                .setCapturedAt(0)
                .setWidth(width)
                .setHeight(height)
                .setEncoding(encoding)
                .setData(ByteBuffer.wrap(data))
                .build();
    }

    private static Clip clip(String camera, ImageEncoding encoding, byte[] picture) {
        ClipFrame frame = ClipFrame.newBuilder()
                .setWidth(HUGE)
                .setHeight(HUGE)
                .setEncoding(encoding)
                .setData(ByteBuffer.wrap(picture))
                .build();
        return Clip.newBuilder()
                .setCamera(camera)
                .setStart(0)
                .setEnd(3_000_000)
                .setSession(1)
                .setFrameTimes(Collections.nCopies(16, 0L))
                .setSourceFrames(16)
                .setMissing(List.of())
                .setFrames(Collections.nCopies(16, frame))
                .build();
    }

    private static ClipGap gap(String camera) {
        return ClipGap.newBuilder()
                .setCamera(camera)
                .setStart(0)
                .setEnd(1)
                .setSession(1)
                .setReason(GapReason.LATE)
                .setFramesSeen(0)
                .build();
    }

    /** The header of a baseline JPEG of this many pixels a side, and its end. */
    private static byte[] jpegOf(int side) {
        return ByteBuffer.allocate(25)
                .putShort((short) 0xFFD8)
                .putShort((short) 0xFFC0)
                .putShort((short) 17)
                .put((byte) 8)
                .putShort((short) side)
                .putShort((short) side)
                .put(new byte[] {3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1})
                .putShort((short) 0xFFD9)
                .array();
    }

    /** A PNG that says it has this many pixels a side. */
    private static byte[] pngOf(int side) {
        return ByteBuffer.allocate(45)
                .putLong(0x89504E470D0A1A0AL)
                .putInt(13)
                .put("IHDR".getBytes(UTF_8))
                .putInt(side)
                .putInt(side)
                .put(new byte[] {8, 2, 0, 0, 0})
                .putInt(0)
                .putInt(0)
                .put("IEND".getBytes(UTF_8))
                .putInt(0xAE426082)
                .array();
    }
}
