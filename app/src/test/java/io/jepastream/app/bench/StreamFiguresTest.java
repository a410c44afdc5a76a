package io.jepastream.app.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jepastream.app.bench.FixedTimeModel.Call;
import io.jepastream.ingest.camera.FrameRate;
import io.jepastream.ingest.clip.ClipConfig;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** What is counted and computed, apart from what is measured. */
final class StreamFiguresTest {
    @Test
    void busyShare_countsPausesBetweenCalls_butNotTheEnds() {
        List<Call> calls = List.of(
                new Call(0, 10, 1),
                new Call(1000, 1010, 2),
                new Call(1020, 1030, 2),
                new Call(1030, 1040, 2),
                new Call(5000, 5010, 1));

        // Two calls of 10 within 30: a pause of 10 after the first of them, none after the second.
        assertThat(FixedTimeModel.busyShare(calls, 1)).isEqualTo(20 / 30.0);
        assertThatThrownBy(() -> FixedTimeModel.busyShare(calls, 3))
                .hasMessage("busy share: want calls for more than 6 clips, got 8 clips");
    }

    @Test
    void percentiles_areNearestRanks() {
        Percentiles times = new Percentiles(
                LongStream.rangeClosed(1, 200).mapToObj(i -> (double) (201 - i)).toList());

        assertThat(times.of(0.5)).isEqualTo(100);
        assertThat(times.of(0.99)).isEqualTo(198);
        assertThat(times.of(1)).isEqualTo(200);
        assertThat(new Percentiles(List.of(7.0)).of(0.5)).isEqualTo(7);
    }

    @Test
    void aClip_isClosedByTheFirstFrameThatIsLaterByTheLateness() {
        SentFrames frames = new SentFrames(ClipConfig.defaults());
        for (long at = 2_800_000; at <= 3_700_000; at += 100_000) {
            frames.sent("a", at, at * 1000);
        }

        assertThat(frames.lastOf("a", 3_000_000)).isEqualTo(2_900_000_000L);
        assertThat(frames.closing("a", 3_000_000)).isEqualTo(3_500_000_000L);
        assertThatThrownBy(() -> frames.closing("b", 0)).hasMessageContaining("got b");
    }

    @Test
    void footage_fillsEachSlotOnce_whateverTheRate() {
        for (String rate : List.of("32/3", "30", "16/3")) {
            BenchFootage footage = BenchFootage.of(32, FrameRate.parse(rate));
            long frames = 12
                    * FrameRate.parse(rate).numerator()
                    / FrameRate.parse(rate).denominator();

            long kept = LongStream.range(0, frames)
                    .filter(i -> footage.isKept(i, ClipConfig.defaults()))
                    .count();

            assertThat(kept).as(rate).isEqualTo(4 * 16);
        }
    }

    @Test
    void ticksOfAThread_countOnlyWhereItCompiles() {
        String rest = " S 1 2 3 4 5 6 7 8 9 10 250 30 0 0 20 0 60 0 0";

        assertThat(CompilerThreads.ticks("123 (C2 CompilerThre)" + rest)).isEqualTo(280);
        assertThat(CompilerThreads.ticks("123 (a (C2 Compiler)" + rest)).isZero();
        assertThat(CompilerThreads.ticks("124 (kafka) (x)" + rest)).isZero();
    }

    @Test
    void aSeries_keepsTheOrderOfRepetitions() {
        Series series = new Series();
        series.add(Map.of("a", 3.0));
        series.add(Map.of("a", 1.0));
        series.add(Map.of("a", 2.0));

        assertThat(series.of("a")).containsExactly(3.0, 1.0, 2.0);
        assertThat(series.median("a")).isEqualTo(2);
        assertThatThrownBy(() -> series.of("b")).hasMessage("series: want one of [a], got b");
    }

    @Test
    void whatIsNoPart_isRefused_andNoneMeansAll() {
        assertThat(StreamBench.parts(List.of())).containsExactlyInAnyOrder("raw", "assemble", "encode", "latency");
        assertThat(StreamBench.parts(List.of("raw"))).containsExactly("raw");
        assertThatThrownBy(() -> StreamBench.parts(List.of("raw", "speed")))
                .hasMessage("--only: want some of [raw, assemble, encode, latency], got [raw, speed]");
    }
}
