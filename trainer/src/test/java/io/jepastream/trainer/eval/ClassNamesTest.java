package io.jepastream.trainer.eval;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class ClassNamesTest {
    @Test
    void aFolder_isTheClassOfItsName_alsoWithHyphensForSpaces() {
        ClassNames classes = new ClassNames(List.of("static", "pan left", "pan-left", "zoom_in"));
        assertThat(classes.index("Static")).hasValue(0);
        assertThat(classes.index("pan left")).hasValue(1);
        assertThat(classes.index("PAN-LEFT")).as("the very name comes first").hasValue(2);
        assertThat(classes.index("pan_left")).hasValue(1);
        assertThat(classes.index("zoom-in")).hasValue(3);
        assertThat(classes.index("panleft")).isEmpty();
    }

    @Test
    void aNumber_isThatClass_unlessOneIsNamedSo() {
        ClassNames classes = new ClassNames(List.of("2", "b", "c"));
        assertThat(classes.index("2")).hasValue(0);
        assertThat(classes.index("1")).hasValue(1);
        assertThat(classes.index("3")).isEmpty();
        assertThat(classes.index("-1")).isEmpty();
    }
}
