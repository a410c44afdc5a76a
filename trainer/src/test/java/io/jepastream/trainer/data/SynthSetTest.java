package io.jepastream.trainer.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jepastream.ingest.media.Picture;
import io.jepastream.ingest.synth.Surface;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SynthSetTest {
    @TempDir
    private Path directory;

    private static SynthSet.Settings settings(SynthSet.Task task, long seed) {
        return new SynthSet.Settings(task, 12, 10, 64, 48, 1, 8, 12, seed);
    }

    private static List<byte[]> frames(VideoSet set) throws IOException {
        FrameCache cache = FrameCache.none(0);
        List<byte[]> all = new ArrayList<>();
        for (VideoSet.Video video : set.videos()) {
            for (Picture picture : cache.frames(video.file(), new int[] {0, 3, 7})) {
                all.add(picture.planes());
            }
        }
        return all;
    }

    @Test
    void sameSeed_givesTheSameFrames_andEveryClassInBothHalves() throws Exception {
        SynthSet set = new SynthSet(settings(SynthSet.Task.OBJECT_MOTION, 3));
        AtomicInteger done = new AtomicInteger();
        set.write(directory.resolve("a"), done::incrementAndGet);
        set.write(directory.resolve("b"), done::incrementAndGet);
        assertThat(done.get()).isEqualTo(44);
        for (String half : List.of("train", "val")) {
            VideoSet one = VideoSet.of(directory.resolve("a").resolve(half));
            assertThat(one.videos()).hasSize(half.equals("train") ? 12 : 10);
            assertThat(one.videos().stream().map(video -> video.label().orElse("")))
                    .contains(SynthSet.Task.OBJECT_MOTION.classes().toArray(String[]::new));
            assertThat(frames(VideoSet.of(directory.resolve("b").resolve(half))))
                    .containsExactlyElementsOf(frames(one));
        }
        Set<String> different = new HashSet<>();
        List<byte[]> all =
                frames(VideoSet.of(directory.resolve("a/train")).and(VideoSet.of(directory.resolve("a/val"))));
        for (int i = 0; i < all.size(); i += 3) {
            different.add(java.util.Arrays.toString(all.get(i)));
            assertThat(all.get(i)).as("frames 0 and 7 of video %d", i / 3).isNotEqualTo(all.get(i + 2));
        }
        assertThat(different).as("scenes").hasSize(22);
        assertThat(directory.resolve("a/README.md"))
                .content()
                .contains("jepa dataset synth --out DIR --task object-motion --train 12 --val 10 --size 64x48");
    }

    @Test
    void aSetThatWasStopped_isCompleted_andAnotherIsNotTouched() throws Exception {
        SynthSet set = new SynthSet(settings(SynthSet.Task.CAMERA_MOTION, 3));
        Path dir = directory.resolve("a");
        set.write(dir, () -> {});
        Path kept = dir.resolve("train/pan-left/00001.mp4");
        Path lost = dir.resolve("val/static/00000.mp4");
        byte[] before = Files.readAllBytes(lost);
        Files.writeString(kept, "made before");
        Files.delete(lost);
        set.write(dir, () -> {});
        assertThat(Files.readAllBytes(lost)).isEqualTo(before);
        assertThat(kept).hasContent("made before");
        SynthSet other = new SynthSet(settings(SynthSet.Task.CAMERA_MOTION, 4));
        assertThatThrownBy(() -> other.write(dir, () -> {})).hasMessageContaining("begun with the same settings");
    }

    @Test
    void aSurfaceIsPartOfTheSettings_andOfTheCommand() throws Exception {
        SynthSet.Settings grain =
                new SynthSet.Settings(SynthSet.Task.CAMERA_MOTION, 9, 0, 64, 48, 1, 8, 8, 3, Surface.GRAIN);
        Path dir = directory.resolve("a");
        new SynthSet(grain).write(dir, () -> {});
        assertThat(dir.resolve("README.md")).content().contains("--seed 3 --surface grain");
        SynthSet varied = new SynthSet(new SynthSet.Settings(SynthSet.Task.CAMERA_MOTION, 9, 0, 64, 48, 1, 8, 8, 3));
        assertThatThrownBy(() -> varied.write(dir, () -> {})).hasMessageContaining("begun with the same settings");
    }

    @Test
    void whatCannotBe_isSaid() {
        assertThatThrownBy(() -> new SynthSet.Settings(SynthSet.Task.CAMERA_MOTION, 1, 0, 63, 48, 1, 8, 8, 0))
                .hasMessageContaining("got 63x48");
        assertThatThrownBy(() -> new SynthSet.Settings(SynthSet.Task.CAMERA_MOTION, 0, 0, 64, 48, 1, 8, 8, 0))
                .hasMessageContaining("videos: want some");
        assertThatThrownBy(() -> new SynthSet.Settings(SynthSet.Task.CAMERA_MOTION, 1, 0, 64, 48, 9, 8, 8, 0))
                .hasMessageContaining("got 9.0");
        assertThatThrownBy(() -> new SynthSet.Settings(SynthSet.Task.CAMERA_MOTION, 1, 0, 64, 48, 1, 9, 8, 0))
                .hasMessageContaining("got 9 to 8");
    }
}
