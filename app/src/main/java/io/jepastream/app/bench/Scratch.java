package io.jepastream.app.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A temporary folder of a benchmark; removed with all that is in it. */
public final class Scratch implements AutoCloseable {
    private final Path path;

    private Scratch(Path path) {
        this.path = path;
    }

    /** A new and empty folder; the caller closes it. */
    public static Scratch open() throws IOException {
        return new Scratch(Files.createTempDirectory("jepastream-bench-"));
    }

    /** The folder. */
    public Path path() {
        return path;
    }

    @Override
    public void close() throws IOException {
        List<Path> all;
        try (Stream<Path> inside = Files.walk(path)) {
            all = inside.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path each : all) {
            Files.deleteIfExists(each);
        }
    }
}
