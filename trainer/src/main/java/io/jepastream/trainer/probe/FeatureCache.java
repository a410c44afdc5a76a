package io.jepastream.trainer.probe;

import io.jepastream.encoder.tensor.HostTensor;
import io.jepastream.encoder.tensor.Safetensors;
import io.jepastream.encoder.tensor.SafetensorsWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Features on disk: one safetensors file per video, whole or absent, named by a digest of all that they depend on. When
 * the folder outgrows its limit, the files that were not used for longest go, never those of this run.
 */
public final class FeatureCache {
    private static final String ENDING = ".features.safetensors";
    private static final String TENSOR = "tokens";
    private static final String KEY = "key";

    private final Path directory;
    private final long limit;
    private final Clock clock;
    private final Set<Path> used = new HashSet<>();
    private long bytes;

    /**
     * Opens a folder, made where it is not there.
     *
     * @param limit most bytes that it may hold
     */
    public FeatureCache(Path directory, long limit) throws IOException {
        this(directory, limit, Clock.systemUTC());
    }

    FeatureCache(Path directory, long limit, Clock clock) throws IOException {
        if (limit <= 0) {
            throw new IllegalArgumentException("cache-limit: want more than nothing, got " + limit);
        }
        this.directory = Files.createDirectories(directory);
        this.limit = limit;
        this.clock = clock;
        for (Path file : files()) {
            bytes += Files.size(file);
        }
    }

    /**
     * Features that are there.
     *
     * @param key all that they depend on, as text
     */
    public Optional<Path> find(String key) throws IOException {
        Path file = file(key);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        if (!key.equals(Safetensors.open(file).metadata().get(KEY))) {
            throw new IOException("cache: %s: want features of\n%s\ngot others".formatted(file, key));
        }
        Files.setLastModifiedTime(file, FileTime.from(clock.instant()));
        used.add(file);
        return Optional.of(file);
    }

    /**
     * Keeps features.
     *
     * @throws IOException if they cannot be written, or those of this run alone pass the limit
     */
    public Path put(String key, HostTensor features) throws IOException {
        Path file = file(key);
        SafetensorsWriter.write(file, Map.of(TENSOR, features), Map.of(KEY, key));
        Files.setLastModifiedTime(file, FileTime.from(clock.instant()));
        used.add(file);
        bytes += Files.size(file);
        if (bytes > limit) {
            shrink();
        }
        return file;
    }

    /** Fails where so many bytes can never be kept. */
    void requireRoom(long wanted) throws IOException {
        if (wanted > limit) {
            throw tooMuch(wanted);
        }
    }

    private IOException tooMuch(long wanted) {
        return new IOException(
                "cache %s: want at most %,d bytes, got features of %,d; raise --cache-limit, or take --cache-type fp16"
                        .formatted(directory, limit, wanted));
    }

    private void shrink() throws IOException {
        List<Path> old = new ArrayList<>(files());
        old.removeAll(used);
        old.sort(Comparator.comparing(FeatureCache::modified));
        for (Path file : old) {
            if (bytes <= limit) {
                return;
            }
            bytes -= Files.size(file);
            Files.delete(file);
        }
        if (bytes > limit) {
            throw tooMuch(bytes);
        }
    }

    private static FileTime modified(Path file) {
        try {
            return Files.getLastModifiedTime(file);
        } catch (IOException e) {
            return FileTime.fromMillis(0);
        }
    }

    /** What was kept in a file: {@code [O, N, D]}, mapped. */
    static HostTensor read(Path file) throws IOException {
        return Safetensors.open(file).read(TENSOR);
    }

    private Path file(String key) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            String name = HexFormat.of().formatHex(sha.digest(key.getBytes(StandardCharsets.UTF_8)), 0, 20);
            return directory.resolve(name + ENDING);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> inside = Files.list(directory)) {
            return inside.filter(file -> file.toString().endsWith(ENDING)).toList();
        }
    }
}
