package io.jepastream.app.selftest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The list of defences that {@code .ci/prove-defences} takes away one by one: that it is whole, and fits the code. */
class DefencesTest {
    private static final Path HOME = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern TEST = Pattern.compile("([a-z-]+):(\\w+)(?:#(\\w+))?");

    @Test
    void everyKindOfFault_hasADefence() throws IOException {
        Set<String> defended = new TreeSet<>();
        for (Path patch : patches()) {
            defended.addAll(List.of(field(patch, "Faults").split(" ")));
        }
        assertThat(defended).containsExactlyInAnyOrderElementsOf(FaultKind.ids());
    }

    @Test
    void everyDefence_isInTheCode_andItsTestsAreThere() throws IOException {
        for (Path patch : patches()) {
            for (String test : field(patch, "Tests").split(" ")) {
                Matcher named = TEST.matcher(test);
                assertThat(named.matches()).as("%s: %s", patch, test).isTrue();
                String source = source(named.group(1), named.group(2));
                if (named.group(3) != null) {
                    assertThat(source).as("%s", patch).contains("void " + named.group(3) + "(");
                }
            }
            checkFits(patch);
        }
    }

    /** Whether the lines that the patch takes or needs are in its file, in one piece. */
    private static void checkFits(Path patch) throws IOException {
        String file = "";
        List<String> piece = new ArrayList<>();
        for (String line : (Files.readString(patch) + "@@\n").lines().toList()) {
            if (line.startsWith("@@")) {
                assertThat(file.isEmpty() ? "" : Files.readString(HOME.resolve(file)))
                        .as("%s", patch)
                        .contains(String.join("\n", piece));
                piece.clear();
            } else if (line.startsWith("--- a/")) {
                file = line.substring("--- a/".length());
                piece.clear();
            } else if (line.startsWith(" ") || (line.startsWith("-") && !line.startsWith("---"))) {
                piece.add(line.substring(1));
            }
        }
    }

    private static String source(String module, String test) throws IOException {
        try (Stream<Path> files = Files.walk(HOME.resolve(module).resolve("src/test/java"))) {
            Path source = files.filter(file -> file.endsWith(test + ".java"))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("no test " + module + ":" + test));
            return Files.readString(source);
        }
    }

    private static String field(Path patch, String name) throws IOException {
        return Arrays.stream(Files.readString(patch, StandardCharsets.UTF_8).split("\n"))
                .filter(line -> line.startsWith(name + ": "))
                .map(line -> line.substring(name.length() + 2))
                .findFirst()
                .orElseThrow(() -> new AssertionError("%s: want a line '%s: ...'".formatted(patch, name)));
    }

    private static List<Path> patches() throws IOException {
        try (Stream<Path> files = Files.list(HOME.resolve(".ci/defences"))) {
            return files.sorted().toList();
        }
    }
}
