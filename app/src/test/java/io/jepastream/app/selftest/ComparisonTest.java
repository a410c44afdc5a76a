package io.jepastream.app.selftest;

import static org.assertj.core.api.Assertions.assertThat;

import io.jepastream.app.selftest.Difference.What;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The comparison must be shown to fail: every way in which a log can be wrong is reported, and nothing else. */
class ComparisonTest {
    private static final String TOPIC = "clips";
    private final List<Entry> expected = log("a", "b");
    private final List<Entry> actual = new ArrayList<>(log("a", "b"));

    @Test
    void sameRecords_makeNoDifference_howeverCamerasInterleave() {
        List<Entry> other = new ArrayList<>(log("b"));
        other.addAll(log("a"));

        assertThat(Comparison.of(TOPIC, expected, actual)).isEmpty();
        assertThat(Comparison.of(TOPIC, expected, other)).isEmpty();
    }

    @Test
    void removedRecord_isMissing() {
        actual.remove(2);

        assertThat(differences()).containsExactly("MISSING a 2");
    }

    @Test
    void recordTwice_isSaid_withItsPlace() {
        actual.add(7, entry("b", 1, "1", "clips-0 at 99"));

        assertThat(Comparison.of(TOPIC, expected, actual))
                .containsExactly(new Difference(What.TWICE, TOPIC, "b", "1", "clips-0 at 99"));
    }

    @Test
    void swappedRecords_areOutOfOrder() {
        Collections.swap(actual, 1, 3);

        assertThat(differences()).containsExactly("OUT_OF_ORDER a 3");
    }

    @Test
    void otherBytes_areAltered() {
        actual.set(4, entry("a", 4, "other", "clips-0 at 4"));

        assertThat(differences()).containsExactly("ALTERED a 4");
    }

    @Test
    void recordOfNobody_isUnexpected() {
        actual.add(entry("a", 77, "77", "clips-0 at 5"));
        actual.add(entry("stranger", 1, "1", "clips-0 at 6"));

        assertThat(differences()).containsExactly("UNEXPECTED a 77", "UNEXPECTED stranger 1");
    }

    @Test
    void emptyLog_missesEverything() {
        assertThat(Comparison.of(TOPIC, expected, List.of())).hasSize(10).allMatch(each -> each.what() == What.MISSING);
    }

    /** A camera whose clock goes back makes clips of the same name again: each counts. */
    @Test
    void replayedName_isWantedAsOftenAsItWasMade() {
        List<Entry> twice = new ArrayList<>(expected);
        twice.add(entry("a", 0, "replayed", ""));
        actual.add(entry("a", 0, "replayed", "clips-0 at 20"));

        assertThat(Comparison.of(TOPIC, twice, actual)).isEmpty();

        actual.remove(0);
        assertThat(Comparison.of(TOPIC, twice, actual))
                .extracting(Difference::what)
                .containsExactly(What.ALTERED, What.MISSING);
    }

    private List<String> differences() {
        return Comparison.of(TOPIC, expected, actual).stream()
                .map(each -> "%s %s %s".formatted(each.what(), each.group(), each.name()))
                .toList();
    }

    private static List<Entry> log(String... cameras) {
        List<Entry> log = new ArrayList<>();
        for (String camera : cameras) {
            for (int i = 0; i < 5; i++) {
                log.add(entry(camera, i, Integer.toString(i), "clips-0 at " + i));
            }
        }
        return log;
    }

    private static Entry entry(String camera, int start, String digest, String where) {
        return new Entry(camera, Integer.toString(start), digest, where);
    }
}
