package io.jepastream.encoder.golden;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Finds the golden data: the directory named by the system property {@code fixtures}; else the shared folder beside the
 * checkout; else the small copy in the test resources.
 */
public final class Fixtures {
    private Fixtures() {}

    /** The directory in use. */
    public static Path directory() {
        String named = System.getProperty("fixtures", "");
        if (!named.isBlank()) {
            return Path.of(named);
        }
        return beside(Path.of("shared", "fixtures"))
                .or(() -> beside(Path.of("encoder", "src", "test", "resources", "golden")))
                .orElseThrow(() -> new IllegalStateException(
                        "golden data: want encoder/src/test/resources/golden/manifest.json in the checkout, got none"));
    }

    /** The folder of this name below the working directory or the nearest of its parents that has it. */
    private static Optional<Path> beside(Path folder) {
        for (Path up = Path.of("").toAbsolutePath(); up != null; up = up.getParent()) {
            if (Files.isRegularFile(up.resolve(folder).resolve("manifest.json"))) {
                return Optional.of(up.resolve(folder));
            }
        }
        return Optional.empty();
    }

    /** Every case of every manifest below the directory. */
    public static List<GoldenCase> cases() throws IOException {
        List<GoldenCase> cases = new ArrayList<>();
        Path root = directory();
        try (Stream<Path> files = Files.walk(root)) {
            List<Path> manifests =
                    files.filter(f -> f.endsWith("manifest.json")).sorted().toList();
            for (Path manifest : manifests) {
                Path parent = manifest.getParent();
                for (JsonNode node :
                        new ObjectMapper().readTree(manifest.toFile()).path("cases")) {
                    cases.add(new GoldenCase(parent == null ? root : parent, node));
                }
            }
        }
        if (cases.isEmpty()) {
            throw new IOException("golden data in %s: want at least one case, got none".formatted(root));
        }
        return cases;
    }
}
