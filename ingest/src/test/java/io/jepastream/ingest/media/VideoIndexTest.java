package io.jepastream.ingest.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jepastream.ingest.wire.ImageEncoding;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class VideoIndexTest {
    private static final int FRAMES = 47;

    @TempDir
    private Path directory;

    /** Bars that move, so that every frame differs. */
    private static Picture picture(int number) {
        byte[] planes = new byte[3 * 64 * 48];
        for (int i = 0; i < planes.length; i++) {
            planes[i] = (byte) (128 + 90 * Math.sin((i % 64 + 3 * number) / 7.0) + number);
        }
        return new Picture(64, 48, planes);
    }

    private static List<Picture> decoded(Path video, List<Long> times) throws Exception {
        List<Picture> all = new ArrayList<>();
        try (FrameSource source = LibavSource.of(SourceUrl.parse(video.toString()), SourceOptions.DEFAULTS)) {
            source.open();
            while (source.next()) {
                all.add(source.picture(0));
                times.add(source.timeMicros());
            }
        }
        return all;
    }

    @ParameterizedTest
    @CsvSource({
        "a.mp4, libopenh264",
        "a.mp4, mpeg4",
        "a.mkv, libopenh264",
        "a.mkv, mjpeg",
        "a.avi, mpeg4",
        "a.ts, libopenh264"
    })
    void framesByNumber_inAnyOrder_areThoseOfDecodingStraightThrough(String name, String encoder) throws Exception {
        Path video = TestVideos.write(directory.resolve(name), encoder, 10, FRAMES, VideoIndexTest::picture);
        List<Long> times = new ArrayList<>();
        List<Picture> straight = decoded(video, times);

        VideoIndex index = VideoIndex.of(video);

        assertThat(index.frames()).isEqualTo(FRAMES).isEqualTo(straight.size());
        assertThat(IntStream.range(0, FRAMES).mapToObj(index::micros)).isEqualTo(times);
        assertThat(index.fps()).isBetween(9.9, 10.1);
        List<Integer> order = new ArrayList<>(IntStream.range(0, FRAMES).boxed().toList());
        Collections.shuffle(order, new Random(5));
        try (VideoReader reader = new VideoReader(video, index)) {
            for (int number : order) {
                assertThat(reader.frame(number, 0).planes())
                        .as("frame %d", number)
                        .isEqualTo(straight.get(number).planes());
            }
        }
    }

    @Test
    void aSeek_landsAtTheKeyframeBefore() throws Exception {
        Path video = TestVideos.write(directory.resolve("a.mp4"), "libopenh264", 10, FRAMES, VideoIndexTest::picture);
        try (FrameSource source = LibavSource.of(SourceUrl.parse(video.toString()), SourceOptions.DEFAULTS)) {
            source.open();
            assertThat(source.seek(3_450_000)).isTrue();
            assertThat(source.next()).isTrue();
            assertThat(source.timeMicros()).isEqualTo(3_000_000);
        }
        assertThat(VideoIndex.of(video).keyframeBefore(34)).isEqualTo(30);
    }

    @Test
    void aPicture_isAVideoOfOneFrame() throws Exception {
        try (PictureEncoder encoder = new PictureEncoder(ImageEncoding.PNG, 95)) {
            Path file = Files.write(directory.resolve("a.png"), encoder.encode(picture(3)));
            VideoIndex index = VideoIndex.of(file);
            assertThat(index.frames()).isEqualTo(1);
            assertThat(index.fps()).isZero();
            try (VideoReader reader = new VideoReader(file, index)) {
                assertThat(reader.frame(0, 0).planes()).isEqualTo(picture(3).planes());
                assertThat(reader.frame(0, 0).planes()).isEqualTo(picture(3).planes());
            }
        }
    }

    @Test
    void compressedPictures_goIntoAVideoAsTheyAre() throws Exception {
        List<byte[]> packed = new ArrayList<>();
        try (PictureEncoder encoder = new PictureEncoder(ImageEncoding.JPEG, 95);
                PictureDecoder decoder = new PictureDecoder()) {
            for (int i = 0; i < 16; i++) {
                packed.add(encoder.encode(picture(i)));
            }
            Path file = directory.resolve("clip.mkv");
            PictureVideo.write(file, ImageEncoding.JPEG, 64, 48, packed, 3_000_000);
            VideoIndex index = VideoIndex.of(file);
            assertThat(index.frames()).isEqualTo(16);
            assertThat(index.micros(8)).isEqualTo(1_500_000);
            try (VideoReader reader = new VideoReader(file, index)) {
                for (int i = 0; i < 16; i++) {
                    Picture own = decoder.decode(ImageEncoding.JPEG, packed.get(i), 64, 48);
                    assertThat(reader.frame(i, 0).planes()).isEqualTo(own.planes());
                }
            }
        }
    }

    @Test
    void aDamagedEnd_repeatsTheLastPicture_andWhatIsNoVideoIsSaid() throws Exception {
        Path video = TestVideos.write(directory.resolve("a.ts"), "mpeg4", 10, FRAMES, VideoIndexTest::picture);
        byte[] bytes = Files.readAllBytes(video);
        Path cut = Files.write(directory.resolve("cut.ts"), java.util.Arrays.copyOf(bytes, bytes.length * 2 / 3));
        VideoIndex index = VideoIndex.of(video);
        try (VideoReader reader = new VideoReader(cut, index)) {
            Picture there = reader.frame(10, 0);
            assertThat(reader.frame(FRAMES - 1, 0).planes()).isEqualTo(there.planes());
        }
        Path text = Files.writeString(directory.resolve("text.mp4"), "not a video");
        assertThatThrownBy(() -> VideoIndex.of(text))
                .isInstanceOf(SourceException.class)
                .hasMessageContaining("text.mp4");
    }

    @Test
    void whatCannotBeWritten_isSaid() {
        VideoWriter.Settings settings = VideoWriter.Settings.h264(8, 100_000);
        assertThatThrownBy(() -> VideoWriter.open(directory.resolve("no/a.mp4"), settings, 64, 48))
                .hasMessageContaining("want a file that can be written");
        assertThatThrownBy(() -> VideoWriter.open(directory.resolve("a.mp4"), settings, 63, 48))
                .hasMessageContaining("want even sides, got 63x48");
        assertThatThrownBy(() -> VideoWriter.open(directory.resolve("a.what"), settings, 64, 48))
                .hasMessageContaining("container");
    }
}
