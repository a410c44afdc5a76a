package io.jepastream.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.jepastream.ingest.media.Picture;
import io.jepastream.ingest.media.PictureDecoder;
import io.jepastream.ingest.media.PictureEncoder;
import io.jepastream.ingest.wire.Clip;
import io.jepastream.ingest.wire.ClipFrame;
import io.jepastream.ingest.wire.ImageEncoding;
import io.jepastream.ingest.wire.Wire;
import io.jepastream.trainer.data.FrameCache;
import io.jepastream.trainer.data.FrameStep;
import io.jepastream.trainer.data.VideoClips;
import io.jepastream.trainer.data.VideoSet;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class ClipFilesTest {
    private static final long START = 1_700_000_000_000_000L;

    @TempDir
    private Path directory;

    private static byte[] packed(ImageEncoding encoding, int number) {
        byte[] planes = new byte[3 * 32 * 24];
        for (int i = 0; i < planes.length; i++) {
            planes[i] = (byte) (i + 9 * number);
        }
        try (PictureEncoder encoder = new PictureEncoder(encoding, 95)) {
            return encoder.encode(new Picture(32, 24, planes));
        }
    }

    /** Slot 3 repeats slot 2. */
    static ConsumerRecord<byte[], byte[]> record(String camera, long start, ImageEncoding encoding) {
        List<ClipFrame> frames = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            byte[] data = i == 3 ? new byte[0] : packed(encoding, i);
            frames.add(new ClipFrame(32, 24, encoding, ByteBuffer.wrap(data), i == 3 ? 2 : -1));
        }
        Clip clip = new Clip(camera, start, start + 3_000_000, 1L, List.of(), 16, List.of(3), frames);
        return new ConsumerRecord<>("clips", 0, 5, new byte[0], Wire.clips().write(clip));
    }

    @ParameterizedTest
    @EnumSource(
            value = ImageEncoding.class,
            names = {"JPEG", "PNG", "RGB24"})
    void clip_comesBackFromItsFile_pictureByPicture(ImageEncoding encoding) throws Exception {
        ClipFiles files = new ClipFiles(directory, Instant.MIN, Instant.MAX, List.of());
        files.accept(record("door", START, encoding));
        assertThat(files.finish()).startsWith("1 clips saved, 0 there already");

        VideoSet set = VideoSet.list(directory.resolve("clips.txt"));
        VideoClips clips =
                new VideoClips(set, FrameCache.none(0), VideoClips.Sampling.pretraining(16, FrameStep.every(1)));
        List<Picture> frames = clips.frames(0, new SplittableRandom(1));
        try (PictureDecoder decoder = new PictureDecoder()) {
            for (int i = 0; i < 16; i++) {
                Picture wanted = decoder.decode(encoding, packed(encoding, i == 3 ? 2 : i), 32, 24);
                assertThat(frames.get(i).planes()).as("slot %d", i).isEqualTo(wanted.planes());
            }
        }
    }

    @Test
    void onlyWhatIsAskedFor_isSaved_andOnce() throws Exception {
        Instant start = Instant.ofEpochSecond(START / 1_000_000);
        ClipFiles files = new ClipFiles(directory, start, start.plusSeconds(3), List.of("door"));
        files.accept(record("door", START, ImageEncoding.JPEG));
        files.accept(record("door", START, ImageEncoding.JPEG));
        files.accept(record("door", START + 3_000_000, ImageEncoding.JPEG));
        files.accept(record("door", START - 3_000_000, ImageEncoding.JPEG));
        files.accept(record("yard", START, ImageEncoding.JPEG));
        assertThat(files.finish()).startsWith("1 clips saved, 1 there already").endsWith("lists 1");
        assertThat(directory.resolve("clips.txt")).hasContent("door/2023-11-14T22-13-20.000000Z.mkv\n");
    }

    @Test
    void whatCannotBeSaved_isCounted() throws Exception {
        ClipFiles files = new ClipFiles(directory.resolve("new"), Instant.MIN, Instant.MAX, List.of());
        files.accept(new ConsumerRecord<>("clips", 0, 5, new byte[0], new byte[] {1, 2}));
        files.accept(record("../door", START, ImageEncoding.JPEG));
        assertThat(files.failures()).isEqualTo(2);
        assertThat(files.finish()).startsWith("no clip in this range");
    }
}
