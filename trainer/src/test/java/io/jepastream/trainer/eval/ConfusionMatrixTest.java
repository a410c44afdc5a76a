package io.jepastream.trainer.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jepastream.trainer.data.VideoSet;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ConfusionMatrixTest {
    @Test
    void countsRecallAndPrecision() {
        ConfusionMatrix matrix = new ConfusionMatrix(List.of("cat", "dog, big", "none"));
        matrix.add(new int[] {0, 0, 1, 1}, new float[] {3, 1, 0, /**/ 0, 2, 1, /**/ 0, 1, 1, /**/ 0, 9, 1});

        assertThat(matrix.accuracy()).isEqualTo(0.75);
        assertThat(matrix.recall(0)).isEqualTo(0.5);
        assertThat(matrix.precision(0)).isEqualTo(1);
        assertThat(matrix.precision(1)).isEqualTo(2 / 3.0);
        assertThat(matrix.recall(2)).isNaN();
        assertThat(matrix.count(0, 1)).isEqualTo(1);
        assertThat(matrix.there(1)).isEqualTo(2);
        assertThat(matrix.answered(1)).isEqualTo(3);
        assertThat(matrix.csv()).isEqualTo("""
                true class,cat,"dog, big",none
                cat,1,1,0
                "dog, big",0,2,0
                none,0,0,0
                """);
        assertThat(matrix.perClass().lines())
                .containsExactly(
                        "class    videos  recall precision",
                        "cat           2    50.0     100.0",
                        "dog, big      2   100.0      66.7",
                        "none          0       -         -");
        assertThatThrownBy(() -> matrix.add(new int[] {0}, new float[2])).hasMessage("scores: want 1 x 3, got 2");
    }

    @Test
    void picture_isBlueWhereRight_redWhereWrong_andFitsManyClasses() {
        ConfusionMatrix matrix = new ConfusionMatrix(List.of("a", "b"));
        matrix.add(0, 0);
        matrix.add(1, 0);
        BufferedImage image = ConfusionPicture.draw(matrix);
        int margin = image.getWidth() - 2 * 44 - 14;
        Color right = new Color(image.getRGB(margin + 4, margin + 4));
        Color wrong = new Color(image.getRGB(margin + 4, margin + 44 + 4));
        assertThat(right.getBlue()).isGreaterThan(right.getRed());
        assertThat(wrong.getRed()).isGreaterThan(wrong.getBlue());
        assertThat(new Color(image.getRGB(margin + 48, margin + 4))).isEqualTo(Color.WHITE);

        BufferedImage large = ConfusionPicture.draw(new ConfusionMatrix(Collections.nCopies(1000, "class")));
        assertThat(large.getWidth()).isLessThan(2200);
    }

    @Test
    void classNames_areSorted_numbersAsNumbers() {
        assertThat(names("b", "a", "b").names()).containsExactly("a", "b");
        ClassNames numbers = names("10", "9", "1");
        assertThat(numbers.names()).containsExactly("1", "9", "10");
        assertThat(numbers.index("9")).hasValue(1);
        ClassNames words = names("Up", "Down");
        assertThat(words.index("up")).hasValue(1);
        assertThat(words.index("0")).hasValue(0);
        assertThat(words.index("2")).isEmpty();
        assertThat(words.index("left")).isEmpty();
    }

    private static ClassNames names(String... labels) {
        return ClassNames.of(new VideoSet(List.of(labels).stream()
                .map(label -> new VideoSet.Video(Path.of("v"), Optional.of(label)))
                .toList()));
    }
}
