package io.jepastream.trainer.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jepastream.ingest.media.Picture;
import io.jepastream.ingest.media.PictureEncoder;
import io.jepastream.ingest.wire.ImageEncoding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FrameCacheTest {
    private static final FrameCache.Settings RAW = new FrameCache.Settings(24, 0, 1 << 30);
    private static final FrameCache.Settings JPEG = new FrameCache.Settings(24, 90, 1 << 30);

    @TempDir
    private Path directory;

    private static List<byte[]> planes(List<Picture> pictures) {
        return pictures.stream().map(Picture::planes).toList();
    }

    private List<Path> kept(String ending) throws IOException {
        try (Stream<Path> walk = Files.walk(directory.resolve("cache"))) {
            return walk.filter(file -> file.toString().endsWith(ending)).toList();
        }
    }

    @Test
    void rawCache_givesTheDecodersFrames_andDecodesOnce() throws Exception {
        Path video = Footage.video(directory.resolve("a.mp4"), 600);
        int[] numbers = {599, 0, 3, 3, 511, 512, 77};
        List<byte[]> direct = planes(FrameCache.none(24).frames(video, numbers));
        FrameCache cache = FrameCache.in(directory.resolve("cache"), RAW);

        assertThat(planes(cache.frames(video, numbers))).containsExactlyElementsOf(direct);
        assertThat(cache.decodedFrames()).isEqualTo(600);
        assertThat(cache.frames(video, numbers).get(0).height()).isEqualTo(24);
        assertThat(cache.index(video).frames()).isEqualTo(600);
        FrameCache later = FrameCache.in(directory.resolve("cache"), RAW);
        assertThat(planes(later.frames(video, numbers))).containsExactlyElementsOf(direct);
        assertThat(later.decodedFrames()).isZero();
        assertThat(kept(".frames")).hasSize(2);
        assertThat(kept(".index")).hasSize(1);
        assertThat(kept(".part")).isEmpty();
    }

    @Test
    void whatComes_doesNotDependOnWhatIsKept() throws Exception {
        Path video = Footage.video(directory.resolve("a.mp4"), 40);
        int[] numbers = {5, 20, 39};
        FrameCache cache = FrameCache.in(directory.resolve("cache"), JPEG);
        List<byte[]> first = planes(cache.frames(video, numbers));
        List<byte[]> second = planes(cache.frames(video, numbers));
        FrameCache full = FrameCache.in(directory.resolve("full"), new FrameCache.Settings(24, 90, 0));
        assertThat(second).containsExactlyElementsOf(first);
        assertThat(planes(full.frames(video, numbers))).containsExactlyElementsOf(first);
        try (Stream<Path> inside = Files.list(directory.resolve("full"))) {
            assertThat(inside).isEmpty();
        }
    }

    @Test
    void aLongVideo_isDecodedInPieces() throws Exception {
        Path video = Footage.video(directory.resolve("a.mp4"), 1300);
        FrameCache cache = FrameCache.in(directory.resolve("cache"), JPEG);
        cache.frames(video, new int[] {1100, 1110});
        assertThat(cache.decodedFrames()).isEqualTo(1300 - 1024);
        FrameCache none = FrameCache.none(24);
        none.frames(video, new int[] {1100, 1110});
        assertThat(none.decodedFrames()).isEqualTo(2);
    }

    @Test
    void aVideoThatChanged_andADamagedFile_areDecodedAnew() throws Exception {
        Path video = Footage.video(directory.resolve("a.mp4"), 30);
        FrameCache cache = FrameCache.in(directory.resolve("cache"), RAW);
        byte[] before = cache.frames(video, new int[] {7}).get(0).planes();
        Footage.video(video, 20);
        Files.setLastModifiedTime(video, FileTime.fromMillis(1_000_000));
        assertThat(cache.index(video).frames()).isEqualTo(20);
        cache.frames(video, new int[] {7});
        assertThat(cache.decodedFrames()).isEqualTo(50);

        Path file = kept(".frames").get(0);
        Files.write(file, java.util.Arrays.copyOf(Files.readAllBytes(file), 100));
        Path index = kept(".index").get(0);
        Files.write(index, new byte[40]);
        FrameCache fresh = FrameCache.in(directory.resolve("cache"), RAW);
        assertThat(fresh.frames(video, new int[] {7}).get(0).planes()).hasSameSizeAs(before);
        assertThat(fresh.decodedFrames()).isEqualTo(20);
        assertThat(fresh.frames(video, new int[] {7})).hasSize(1);
        assertThat(fresh.decodedFrames()).isEqualTo(20);
    }

    @Test
    void threadsThatWantTheSame_decodeItOnce() throws Exception {
        Path video = Footage.video(directory.resolve("a.mp4"), 100);
        FrameCache cache = FrameCache.in(directory.resolve("cache"), JPEG);
        ExecutorService threads = Executors.newFixedThreadPool(4);
        Callable<List<Picture>> read = () -> cache.frames(video, new int[] {50});
        List<Future<List<Picture>>> all = threads.invokeAll(List.of(read, read, read, read));
        threads.shutdown();
        for (Future<List<Picture>> each : all) {
            assertThat(planes(each.get()))
                    .containsExactlyElementsOf(planes(all.get(0).get()));
        }
        assertThat(cache.decodedFrames()).isEqualTo(100);
    }

    @Test
    void smallVideos_keepTheirSize() throws Exception {
        Path video = Footage.video(directory.resolve("a.mp4"), 3);
        FrameCache cache = FrameCache.in(directory.resolve("cache"), new FrameCache.Settings(96, 0, 1 << 30));
        assertThat(cache.frames(video, new int[] {1}).get(0).width()).isEqualTo(64);
        assertThat(FrameCache.Settings.forCrop(64).shortSide()).isEqualTo(74);
    }

    @Test
    void whatCannotBe_isSaid() throws Exception {
        FrameCache cache = FrameCache.none(0);
        Path video = Footage.video(directory.resolve("a.mp4"), 3);
        Path text = Files.writeString(directory.resolve("text.mp4"), "no video");
        assertThatThrownBy(() -> cache.frames(video, new int[] {3})).hasMessageContaining("from 0 to 2, got 3");
        assertThatThrownBy(() -> cache.index(text))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("text.mp4");
        assertThatThrownBy(() -> cache.index(directory.resolve("gone.mp4"))).hasMessageContaining("got nothing");
        assertThatThrownBy(() -> new FrameCache.Settings(24, 101, 0)).hasMessageContaining("got 101");
    }

    @Test
    void clipsOfVideos_areSampledByTheFrameAndByTheSecond() throws Exception {
        Path slow = Footage.video(directory.resolve("set/a/slow.mp4"), 30, 3);
        Footage.video(directory.resolve("set/b/fast.mp4"), 200, 25);
        VideoSet set = VideoSet.of(directory.resolve("set"));
        FrameCache cache = FrameCache.in(directory.resolve("cache"), RAW);
        VideoClips two = new VideoClips(set, cache, new VideoClips.Sampling(4, FrameStep.every(5), 2, true));
        assertThat(two.size()).isEqualTo(4);
        assertThat(two.name(3)).endsWith("fast.mp4 part 1");
        assertThat(two.label(1)).contains("a");
        List<Picture> clip = two.frames(3, new SplittableRandom(1));
        int[] numbers = new ClipSampling(4, 5, 2, true)
                .indices(200, new SplittableRandom(1))
                .get(1);
        assertThat(planes(clip))
                .containsExactlyElementsOf(
                        planes(cache.frames(set.videos().get(1).file(), numbers)));

        VideoClips bySecond = new VideoClips(set, cache, VideoClips.Sampling.pretraining(4, FrameStep.perSecond(4)));
        assertThat(bySecond.frames(1, new SplittableRandom(1))).hasSize(4);
        assertThatThrownBy(() -> bySecond.frames(0, new SplittableRandom(1)))
                .hasMessageContaining(slow.toString())
                .hasMessageContaining("want at least 4 frames per second, got 3.00");
    }

    @Test
    void pictures_areClipsOfOneFrame_repeated() throws Exception {
        try (PictureEncoder encoder = new PictureEncoder(ImageEncoding.PNG, 95)) {
            for (int i = 0; i < 2; i++) {
                Path file = directory.resolve("set/class%d/p.png".formatted(i));
                Files.createDirectories(file.getParent());
                Files.write(file, encoder.encode(Footage.picture(64, 48, i)));
            }
        }
        VideoSet set = VideoSet.pictures(directory.resolve("set"));
        FrameCache cache = FrameCache.in(directory.resolve("cache"), new FrameCache.Settings(0, 0, 1 << 30));
        VideoClips once = new VideoClips(set, cache, VideoClips.Sampling.pretraining(1, FrameStep.every(1)));
        VideoClips often = new VideoClips(set, cache, VideoClips.Sampling.pretraining(16, FrameStep.perSecond(4)));
        assertThat(once.label(1)).contains("class1");
        assertThat(planes(once.frames(1, new SplittableRandom(1))))
                .containsExactly(Footage.picture(64, 48, 1).planes());
        List<Picture> repeated = often.frames(0, new SplittableRandom(1));
        assertThat(repeated).hasSize(16).containsOnly(repeated.get(0));
        assertThat(kept(".index")).isEmpty();
    }

    @Test
    void frameStep_isTheReferences() throws Exception {
        assertThat(FrameStep.perSecond(4).in(29.97)).isEqualTo(7);
        assertThat(FrameStep.perSecond(4).in(30.0004)).isEqualTo(7);
        assertThat(FrameStep.perSecond(4).in(31)).isEqualTo(7);
        assertThat(FrameStep.perSecond(31).in(30.5)).isEqualTo(1);
        assertThat(FrameStep.perSecond(4).in(0)).isEqualTo(1);
        assertThat(FrameStep.every(4).in(60)).isEqualTo(4);
        assertThatThrownBy(() -> FrameStep.every(0)).hasMessageContaining("got 0");
    }
}
