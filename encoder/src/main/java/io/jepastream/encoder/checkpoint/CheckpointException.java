package io.jepastream.encoder.checkpoint;

import java.io.IOException;
import java.nio.file.Path;

/** A checkpoint that cannot be used; the message names the file, the key, record or global, wanted and got. */
public final class CheckpointException extends IOException {
    private static final long serialVersionUID = 1;

    /** About {@code file}, or a directory. */
    public CheckpointException(Path file, String what) {
        super("%s: %s".formatted(file, what));
    }
}
