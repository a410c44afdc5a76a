package io.jepastream.trainer.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The index lists are those of VJEPA's data section: what the reference picks for the same number of frames. */
final class ClipSamplingTest {
    private static final Random UNUSED = new Random(0) {
        @Override
        public int nextInt(int bound) {
            return 0;
        }
    };

    @Test
    void longVideo_takesInTheEndOfTheSpan() {
        List<int[]> clips = new ClipSampling(16, 4, 1, false).indices(65, UNUSED);
        assertThat(clips.get(0)).containsExactly(0, 4, 8, 12, 17, 21, 25, 29, 34, 38, 42, 46, 51, 55, 59, 63);
    }

    @Test
    void shortVideo_repeatsItsLastFrame() {
        List<int[]> clips = new ClipSampling(16, 4, 1, false).indices(40, UNUSED);
        assertThat(clips.get(0)).containsExactly(0, 4, 8, 13, 17, 22, 26, 31, 35, 39, 39, 39, 39, 39, 39, 39);
    }

    @Test
    void shortPartsOverlap_forProbes() {
        List<int[]> clips = new ClipSampling(16, 4, 2, true).indices(100, UNUSED);
        assertThat(clips.get(0)).startsWith(0, 4, 9).endsWith(62, 62);
        assertThat(clips.get(1)).startsWith(36).endsWith(98, 98);
    }

    @Test
    void everyIndex_liesInTheVideo_andNeverGoesBack() {
        SplittableRandom random = new SplittableRandom(5);
        for (int round = 0; round < 5_000; round++) {
            ClipSampling sampling = new ClipSampling(
                    1 + random.nextInt(20), 1 + random.nextInt(9), 1 + random.nextInt(9), random.nextBoolean());
            int videoFrames = 1 + random.nextInt(400);
            List<int[]> clips = sampling.indices(videoFrames, random);
            assertThat(clips).hasSize(sampling.clips());
            for (int[] clip : clips) {
                assertThat(clip).hasSize(sampling.frames()).isSorted();
                assertThat(clip[0]).isNotNegative();
                assertThat(clip[clip.length - 1])
                        .as("%s of %d", sampling, videoFrames)
                        .isLessThan(videoFrames);
            }
        }
    }

    @Test
    void nonsense_isRefused() {
        assertThatThrownBy(() -> new ClipSampling(16, 0, 1, true)).hasMessage("frame step: want 1 to 4096, got 0");
        assertThatThrownBy(() -> new ClipSampling(16, 1, 1, true).indices(0, UNUSED))
                .hasMessage("video: want 1 frame or more, got 0");
    }
}
