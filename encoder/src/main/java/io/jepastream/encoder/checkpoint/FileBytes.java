package io.jepastream.encoder.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A file of known size, of which parts are mapped read only and little-endian. */
record FileBytes(Path path, long size) {
    static FileBytes open(Path path) throws IOException {
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
            return new FileBytes(path, file.size());
        }
    }

    /** Maps {@code bytes} bytes from {@code at}; they stay mapped until the result is garbage. */
    ByteBuffer map(long at, long bytes, String what) throws IOException {
        if (at < 0 || bytes < 0 || at > size - bytes) {
            throw bad("%s: want %d bytes at %d, got a file of %d: truncated".formatted(what, bytes, at, size));
        }
        if (bytes > Integer.MAX_VALUE) {
            throw bad("%s: want at most 2 GiB, got %d bytes".formatted(what, bytes));
        }
        if (bytes == 0) {
            return ByteBuffer.allocate(0).order(ByteOrder.LITTLE_ENDIAN);
        }
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
            return file.map(FileChannel.MapMode.READ_ONLY, at, bytes).order(ByteOrder.LITTLE_ENDIAN);
        }
    }

    CheckpointException bad(String what) {
        return new CheckpointException(path, what);
    }
}
