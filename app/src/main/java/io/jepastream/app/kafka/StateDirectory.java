package io.jepastream.app.kafka;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whether a folder can hold a stage's local stores. */
public final class StateDirectory {
    /** Least room that a stage starts with, bytes. */
    static final long LEAST_ROOM = 256L << 20;

    private StateDirectory() {}

    /**
     * Makes the folder if it is new, and writes a file to try it.
     *
     * @throws IOException if it cannot be written, naming it
     * @throws IllegalArgumentException if the disk is nearly full
     */
    public static void require(Path directory) throws IOException {
        try {
            Files.createDirectories(directory);
            Path tried = Files.createTempFile(directory, "try", null);
            Files.write(tried, new byte[1]);
            Files.delete(tried);
        } catch (IOException e) {
            throw new IOException(
                    "state directory %s: want a folder that can be written, got %s".formatted(directory, e), e);
        }
        requireRoom(directory, Files.getFileStore(directory).getUsableSpace());
    }

    static void requireRoom(Path directory, long usable) {
        if (usable < LEAST_ROOM) {
            throw new IllegalArgumentException("state directory %s: want %d MiB of free disk or more, got %d MiB"
                    .formatted(directory, LEAST_ROOM >> 20, usable >> 20));
        }
    }
}
