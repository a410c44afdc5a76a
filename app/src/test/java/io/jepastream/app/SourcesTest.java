package io.jepastream.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** No class grows beyond what can be read at one sitting. */
class SourcesTest {
    private static final int LONGEST = 400;

    @Test
    void noClassIsLongerThanAPage() throws IOException {
        Path root = Path.of("").toAbsolutePath().getParent();
        try (Stream<Path> files = Files.walk(root, 12)) {
            List<Path> sources = files.filter(file -> file.toString().contains("/src/main/java/"))
                    .filter(file -> file.toString().endsWith(".java"))
                    .toList();
            assertThat(sources).hasSizeGreaterThan(50);
            assertThat(sources)
                    .allSatisfy(source -> assertThat(Files.readAllLines(source).size())
                            .as(source.toString())
                            .isLessThanOrEqualTo(LONGEST));
        }
    }
}
