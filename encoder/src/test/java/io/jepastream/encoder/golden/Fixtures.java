package io.jepastream.encoder.golden;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
        for (Path up = Path.of("").toAbsolutePath(); up != null; up = up.getParent()) {
            Path shared = up.resolve("shared").resolve("fixtures");
            if (Files.isRegularFile(shared.resolve("manifest.json"))) {
                return shared;
            }
        }
        URL copy = Fixtures.class.getResource("/golden/manifest.json");
        if (copy == null) {
            throw new IllegalStateException(
                    "golden data: want /golden/manifest.json among the test resources, got none");
        }
        return besideManifest(copy);
    }

    private static Path besideManifest(URL manifest) {
        try {
            Path parent = Path.of(manifest.toURI()).getParent();
            if (parent == null) {
                throw new IllegalStateException("golden data: want a directory, got " + manifest);
            }
            return parent;
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
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
