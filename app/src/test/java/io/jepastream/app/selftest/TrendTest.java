package io.jepastream.app.selftest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.jepastream.app.selftest.Trend.Sample;
import io.jepastream.app.selftest.Trend.Verdict;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TrendTest {
    /** An hour of samples, two seconds apart: 500 on average, a saw of 20 s, noise, and a slope. */
    private static List<Sample> hour(int samples, double perSecond) {
        Random random = new Random(7);
        return IntStream.range(0, samples)
                .mapToObj(i -> new Sample(2.0 * i, 500 + i % 10 + random.nextGaussian() + perSecond * 2 * i))
                .toList();
    }

    @Test
    void flatMemory_isFlat_andAThatGrowsByATenthIsNot() {
        assertThat(Trend.of(hour(1800, 0)).verdict()).isEqualTo(Verdict.FLAT);
        Trend leak = Trend.of(hour(1800, 0.03));
        assertThat(leak.slope()).isCloseTo(0.03, within(leak.error()));
        assertThat(leak.verdict()).isEqualTo(Verdict.GROWS);
    }

    @Test
    void shortWatch_decidesNothing() {
        assertThat(Trend.of(hour(40, 0.015)).verdict()).isEqualTo(Verdict.UNDECIDED);
        assertThatThrownBy(() -> Trend.of(hour(9, 0))).hasMessageContaining("want 10 or more, got 9");
    }

    @Test
    void knownLine_hasNoError() {
        Trend line = Trend.of(IntStream.range(0, 100)
                .mapToObj(i -> new Sample(i, 3 + 0.5 * i))
                .toList());
        assertThat(line.slope()).isCloseTo(0.5, within(1e-9));
        assertThat(line.error()).isCloseTo(0, within(1e-9));
        assertThat(line.mean()).isCloseTo(3 + 0.5 * 49.5, within(1e-9));
    }

    @Test
    void metricsAreSummedOverTheirLabels() {
        String metrics = """
                # HELP x
                jvm_memory_used_bytes{area="heap",id="Eden"} 1.5E7
                jvm_memory_used_bytes{area="heap",id="Old"} 2.0
                jvm_memory_used_bytes{area="nonheap",id="m"} 9.0
                """;
        assertThat(MemoryLog.sum(
                        java.util.regex.Pattern.compile("(?m)^jvm_memory_used_bytes\\{area=\"heap\",[^}]*} (\\S+)$"),
                        metrics))
                .isEqualTo(15_000_002);
    }
}
