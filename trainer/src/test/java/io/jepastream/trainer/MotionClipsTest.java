package io.jepastream.trainer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

final class MotionClipsTest {
    @Test
    void sameNumber_givesTheSameClip() {
        try (MotionClips one = new MotionClips(112);
                MotionClips other = new MotionClips(112)) {
            one.clip(3);
            MotionClips.Labelled a = one.clip(12);
            MotionClips.Labelled b = other.clip(12);
            assertThat(a.label()).isEqualTo(12 % 11).isEqualTo(b.label());
            assertThat(a.clip().toBytes()).isEqualTo(b.clip().toBytes());
            assertThat(a.clip().frames()).isEqualTo(16);
            assertThat(a.clip().size()).isEqualTo(112);
        }
    }

    @Test
    void staticComesThrice_everyOtherMotionOnce() {
        try (MotionClips clips = new MotionClips(112)) {
            int[] counts = new int[MotionClips.MOTIONS.size()];
            for (int number = 0; number < 11; number++) {
                counts[clips.clip(number).label()]++;
            }
            assertThat(counts).containsExactly(3, 1, 1, 1, 1, 1, 1, 1, 1);
        }
    }

    @Test
    void rate_warmsUpAndFallsToItsEnd() {
        assertThat(TrainMotionModel.rate(0, 900, 2e-3)).isLessThan(TrainMotionModel.rate(40, 900, 2e-3));
        assertThat(TrainMotionModel.rate(100, 900, 2e-3)).isGreaterThan(TrainMotionModel.rate(500, 900, 2e-3));
        assertThat(TrainMotionModel.rate(900, 900, 2e-3)).isEqualTo(1e-5, within(1e-9));
    }
}
