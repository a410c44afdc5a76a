package io.jepastream.ingest.synth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jepastream.ingest.media.SourceException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SyntheticSourceTest {
    private Instant now = Instant.parse("2026-05-01T12:00:00.010Z");
    private final InstantSource clock = () -> now;

    private SyntheticSource source(String text) {
        return new SyntheticSource(SyntheticSettings.parse(text), clock);
    }

    @Test
    void cameraWithADuration_isLikeAFile() throws Exception {
        try (SyntheticSource source = source("motion=roll,seed=3,fps=10,size=64x48,duration=2")) {
            assertThat(source.isLive()).isFalse();
            source.open();
            List<Long> times = new ArrayList<>();
            while (source.next()) {
                times.add(source.timeMicros());
            }
            assertThat(times).hasSize(20).startsWith(0L, 100_000L).endsWith(1_900_000L);
        }
    }

    @Test
    void picturesRepeat_andHaveTheWantedSize() throws Exception {
        try (SyntheticSource one = source("tour,seed=3,duration=9,fps=2");
                SyntheticSource other = source("tour,seed=3,duration=9,fps=2")) {
            one.open();
            other.open();
            while (one.next()) {
                assertThat(other.next()).isTrue();
                assertThat(one.picture(64).planes()).isEqualTo(other.picture(64).planes());
                assertThat(one.picture(64).width()).isEqualTo(86);
                assertThat(one.picture(0).width()).isEqualTo(340);
            }
        }
    }

    @Test
    void tour_showsEveryMotionOnceARound_changingOnMultiplesOfSixSeconds() {
        try (SyntheticSource source = source("tour,seed=7")) {
            for (long round = 0; round < 3; round++) {
                Set<CameraMotion> seen = EnumSet.noneOf(CameraMotion.class);
                for (long scene = 0; scene < 9; scene++) {
                    long start = (round * 9 + scene) * SyntheticSource.SCENE_MICROS;
                    seen.add(source.motionAt(start));
                    assertThat(source.motionAt(start + 5_999_999)).isEqualTo(source.motionAt(start));
                }
                assertThat(seen).hasSize(9);
            }
        }
    }

    @Test
    void liveCamera_runsOnTheWallClockAndSkipsWhatNobodyFetched() throws Exception {
        try (SyntheticSource source = source("motion=static,fps=50")) {
            assertThat(source.isLive()).isTrue();
            source.open();
            now = now.plusMillis(20);
            assertThat(source.next()).isTrue();
            long first = source.timeMicros();
            assertThat(Instant.EPOCH.plusNanos(first * 1000)).isEqualTo("2026-05-01T12:00:00.020Z");
            now = now.plusSeconds(10);
            assertThat(source.next()).isTrue();
            assertThat(source.timeMicros() - first).isBetween(9_900_000L, 10_100_000L);
        }
    }

    @Test
    void cancelledCamera_says() {
        try (SyntheticSource source = source("tour")) {
            source.open();
            source.cancel();
            assertThatThrownBy(source::next).isInstanceOf(SourceException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"speed=3", "fps=0", "fps=x", "size=3x3", "size=340", "motion=up", "duration=-1"})
    void badSettings_areExplained(String text) {
        assertThatThrownBy(() -> SyntheticSettings.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("want");
    }

    @Test
    void settings_areRead() {
        assertThat(SyntheticSettings.parse("motion=zoom-in, seed=-4,fps=30,size=64x48,duration=1.5"))
                .isEqualTo(new SyntheticSettings(Optional.of(CameraMotion.ZOOM_IN), -4, 30, 64, 48, Optional.of(1.5)));
        assertThat(SyntheticSettings.parse(""))
                .isEqualTo(new SyntheticSettings(Optional.empty(), 0, 15, 340, 256, Optional.empty()));
    }
}
