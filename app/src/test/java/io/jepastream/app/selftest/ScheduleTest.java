package io.jepastream.app.selftest;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ScheduleTest {
    private static final Duration LONGEST = Duration.ofSeconds(8);
    private static final List<FaultKind> ALL = Arrays.asList(FaultKind.values());

    @Test
    void sameSeed_givesTheSameFaults_anotherSeedOthers() {
        assertThat(first(50, 7)).isEqualTo(first(50, 7)).isNotEqualTo(first(50, 8));
    }

    @Test
    void everyKind_comesOnceBeforeAnyComesAgain() {
        assertThat(new HashSet<>(first(ALL.size(), 7).stream()
                        .map(Schedule.Planned::kind)
                        .toList()))
                .hasSize(ALL.size());
    }

    @Test
    void pauses_areWithinTheirBounds() {
        assertThat(first(100, 7).stream().map(Schedule.Planned::pause))
                .allMatch(pause -> pause.compareTo(LONGEST) < 0 && pause.compareTo(LONGEST.dividedBy(8)) >= 0);
    }

    @Test
    void names_areFoundAgain() {
        assertThat(ALL).allMatch(kind -> FaultKind.named(kind.id()) == kind);
    }

    private static List<Schedule.Planned> first(int count, long seed) {
        Schedule schedule = new Schedule(ALL, LONGEST, seed);
        return Stream.generate(schedule::next).limit(count).toList();
    }
}
