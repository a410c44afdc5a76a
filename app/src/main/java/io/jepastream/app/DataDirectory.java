package io.jepastream.app;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A folder for topics and state: the user's, which is kept, or a temporary one, which is not. */
final class DataDirectory implements AutoCloseable {
    private static final String MARK = "jepastream-data";

    private final Path path;
    private final boolean temporary;

    private DataDirectory(Path path, boolean temporary) {
        this.path = path;
        this.temporary = temporary;
    }

    /** The folder that the options ask for, ready to use. */
    static DataDirectory open(BrokerOptions options) throws IOException {
        Path named = options.directory;
        if (named == null) {
            return new DataDirectory(Files.createTempDirectory("jepastream-"), true);
        }
        boolean ours = Files.exists(named.resolve(MARK));
        if (Files.exists(named) && !ours && !isEmpty(named)) {
            throw new UsageException(
                    "--data-dir: want a new, an empty or an earlier data folder, got other files in " + named);
        }
        if (options.wipe && ours) {
            delete(named);
        }
        Files.createDirectories(named);
        Files.writeString(
                named.resolve(MARK), "Topics and state of jepastream. 'jepa demo --data-dir' uses this folder.\n");
        return new DataDirectory(named, false);
    }

    Path kafka() {
        return path.resolve("kafka");
    }

    Path state() {
        return path.resolve("state");
    }

    @Override
    public void close() {
        if (temporary) {
            try {
                delete(path);
            } catch (IOException e) {
                throw new UncheckedIOException("the temporary folder %s could not be removed".formatted(path), e);
            }
        }
    }

    private static boolean isEmpty(Path folder) throws IOException {
        try (Stream<Path> inside = Files.list(folder)) {
            return inside.findAny().isEmpty();
        }
    }

    private static void delete(Path folder) throws IOException {
        List<Path> all;
        try (Stream<Path> inside = Files.walk(folder)) {
            all = inside.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path each : all) {
            Files.deleteIfExists(each);
        }
    }
}
