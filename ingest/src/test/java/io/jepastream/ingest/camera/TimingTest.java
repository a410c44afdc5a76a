package io.jepastream.ingest.camera;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigInteger;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rates, sampling, live time and waiting: everything that only computes. */
final class TimingTest {
    private static final long NOW = 1_800_000_000_000_000L;

    @ParameterizedTest
    @CsvSource({"32/3,32,3", "10,10000,1000", "29.97,29970,1000", "30000/1001,30000,1001", "0.5,500,1000"})
    void rates_areRead(String text, long numerator, long denominator) {
        assertThat(FrameRate.parse(text)).isEqualTo(new FrameRate(numerator, denominator));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "fast", "0", "-1", "1/0", "1000", "1e3", "0/3", "99999999/3"})
    void badRates_areExplained(String text) {
        assertThatThrownBy(() -> FrameRate.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("frame rate: want");
    }

    @Test
    void interval_isExactAtAnyTime() {
        Random random = new Random(3);
        for (int i = 0; i < 1000; i++) {
            FrameRate rate = new FrameRate(1 + random.nextInt(60_000), 1001);
            long micros = random.nextLong() % (4 * NOW);
            BigInteger[] parts = BigInteger.valueOf(micros)
                    .multiply(BigInteger.valueOf(rate.numerator()))
                    .divideAndRemainder(BigInteger.valueOf(rate.denominator() * 1_000_000));
            long wanted = parts[0].longValueExact() - (parts[1].signum() < 0 ? 1 : 0);
            assertThat(rate.interval(micros)).as("%s at %d", rate, micros).isEqualTo(wanted);
        }
    }

    @Test
    void anyFasterCamera_fillsEveryInterval() {
        Random random = new Random(4);
        for (int fps : new int[] {12, 15, 25, 30, 60}) {
            FrameSampler sampler = new FrameSampler(FrameRate.DEFAULT);
            int kept = 0;
            for (int i = 0; i < 60 * fps; i++) {
                long jitter = fps == 12 ? 0 : random.nextInt(2000);
                kept += sampler.keeps(NOW + i * 1_000_000L / fps + jitter) ? 1 : 0;
            }
            assertThat(kept).as("frames kept of %d per second", fps).isEqualTo(640);
        }
    }

    @Test
    void slowerCamera_keepsEveryFrame_andNothingThatGoesBack() {
        FrameSampler sampler = new FrameSampler(FrameRate.DEFAULT);
        for (int i = 0; i < 60; i++) {
            assertThat(sampler.keeps(NOW + i * 166_667L)).isTrue();
            assertThat(sampler.keeps(NOW + i * 166_667L - 1)).isFalse();
        }
    }

    @Test
    void jitterAndTheFirstBurst_onlyEverDelay() {
        LiveClock clock = new LiveClock();
        Random random = new Random(5);
        long last = Long.MIN_VALUE;
        for (int i = 0; i < 1000; i++) {
            long pts = 5_000_000 + i * 40_000L;
            // True capture at NOW + pts; the first second comes late in one burst, later frames by up to 30 ms.
            long arrival = NOW + Math.max(pts + random.nextInt(30_000), 6_500_000);
            long event = clock.frame(pts, arrival);
            assertThat(event).isGreaterThan(last);
            assertThat(event).isLessThanOrEqualTo(Math.max(last + 1, arrival));
            if (i > 400) {
                assertThat(event - (NOW + pts)).as("error at %d", i).isBetween(0L, 3_000L);
            }
            last = event;
        }
    }

    @Test
    void driftOfTheSender_isFollowed() {
        LiveClock clock = new LiveClock();
        long event = 0;
        long arrival = 0;
        for (long i = 0; i < 100_000; i++) {
            arrival = NOW + i * 40_000;
            // A sender whose clock is slow by 1 in 1000.
            event = clock.frame(i * 39_960, arrival);
        }
        assertThat(arrival - event).isBetween(0L, 130_000L);
    }

    @Test
    void timeOnlyGrows_acrossJumpsReconnectsAndTicks() {
        Random random = new Random(6);
        LiveClock clock = new LiveClock();
        long arrival = NOW;
        long pts = 0;
        long last = Long.MIN_VALUE;
        for (int i = 0; i < 5000; i++) {
            arrival += random.nextInt(100_000);
            pts += random.nextInt(100_000);
            switch (random.nextInt(20)) {
                case 0 -> pts = random.nextInt(1_000_000_000);
                case 1 -> clock.restart();
                case 2 -> {
                    arrival += 10_000_000;
                    long tick = clock.tick(arrival - 2_000_000).orElse(last + 1);
                    assertThat(tick).isGreaterThan(last);
                    last = tick;
                }
                default -> {}
            }
            long event = clock.frame(pts, arrival);
            assertThat(event).as("step %d", i).isGreaterThan(last);
            last = event;
        }
        assertThat(arrival - last).isLessThan(8_000_000);
        assertThat(clock.end(0)).isGreaterThan(last);
    }

    @Test
    void pausedStream_comesBackAtTheTimeItArrives() {
        LiveClock clock = new LiveClock();
        clock.frame(0, NOW);
        assertThat(clock.tick(NOW - 1)).isEmpty();
        assertThat(clock.tick(NOW + 8_000_000)).hasValue(NOW + 8_000_000);
        assertThat(clock.frame(40_000, NOW + 10_000_000)).isEqualTo(NOW + 10_000_000);
        assertThat(clock.frame(80_000, NOW + 10_040_000)).isEqualTo(NOW + 10_040_000);
    }

    @Test
    void waits_doubleUpToTheCap() {
        Backoff backoff = Backoff.DEFAULT;
        assertThat(backoff.limitMillis(1)).isEqualTo(500);
        assertThat(backoff.limitMillis(2)).isEqualTo(1000);
        assertThat(backoff.limitMillis(7)).isEqualTo(30_000);
        assertThat(backoff.limitMillis(1_000_000)).isEqualTo(30_000);
        Random random = new Random(7);
        for (int i = 0; i < 1000; i++) {
            assertThat(new Backoff(Duration.ofMillis(10), Duration.ofMillis(10)).waitMillis(3, random))
                    .isBetween(1L, 11L);
        }
    }
}
