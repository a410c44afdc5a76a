package io.jepastream.trainer.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

final class AccuracyTest {
    private static final List<String> LABELS = List.of("a", "b", "c", "d", "e", "f", "7");

    @Test
    void countsTheBestAndTheBestFive() {
        Accuracy accuracy = new Accuracy(LABELS);
        float[] falling = {.4f, .2f, .15f, .1f, .08f, .05f, .02f};
        accuracy.add(falling, "A");
        accuracy.add(falling, "e");
        accuracy.add(falling, "f");
        accuracy.add(falling, "0");
        accuracy.add(falling, "7"); // a name before a number
        accuracy.add(falling, "nobody");
        assertThat(accuracy.videos()).isEqualTo(5);
        assertThat(accuracy.top1()).isCloseTo(.4, within(1e-9));
        assertThat(accuracy.top5()).isCloseTo(.6, within(1e-9));
        assertThat(accuracy).hasToString("top-1 40.0 %, top-5 60.0 % of 5 videos; not classes of this head: [nobody]");
    }

    @Test
    void equalProbabilities_goToTheFirstClass() {
        Accuracy accuracy = new Accuracy(LABELS);
        float[] even = {.2f, .2f, .2f, .2f, .2f, 0, 0};
        accuracy.add(even, "a");
        accuracy.add(even, "b");
        assertThat(accuracy.top1()).isEqualTo(.5);
    }
}
