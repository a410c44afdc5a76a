package io.jepastream.app.kafka;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.kafka.streams.errors.ProcessorStateException;
import org.jspecify.annotations.Nullable;

/**
 * Whether the local stores of a stage may be used again. They are a copy of what the cluster has: a run that cannot read or write
 * them leaves a mark, and the next one starts without them. Else a damaged disk would end every start.
 */
final class LocalState {
    private static final String MARK = "broken";

    private final Path directory;

    LocalState(Path directory) {
        this.directory = directory;
    }

    boolean isDistrusted() {
        return Files.exists(directory.resolve(MARK));
    }

    void trust() {
        try {
            Files.deleteIfExists(directory.resolve(MARK));
        } catch (IOException e) {
            throw new UncheckedIOException("removing the mark in %s failed".formatted(directory), e);
        }
    }

    /**
     * Leaves the mark if this error is about the stores.
     *
     * @return whether it is
     */
    boolean distrustIfBroken(Throwable error) {
        if (!isAboutState(error)) {
            return false;
        }
        try {
            Files.createDirectories(directory);
            if (!isDistrusted()) {
                Files.createFile(directory.resolve(MARK));
            }
        } catch (IOException e) { // the disk is that broken: the error itself says so to whoever reads it
            error.addSuppressed(e);
        }
        return true;
    }

    private static boolean isAboutState(@Nullable Throwable error) {
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            if (cause instanceof ProcessorStateException) {
                return true;
            }
        }
        return false;
    }
}
