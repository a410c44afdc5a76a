package io.jepastream.app;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/**
 * Writes float32 arrays as NumPy's {@code .npy} (format version 1.0), an entry at a time; how many there are is known at the end.
 */
final class NpyWriter implements AutoCloseable {
    private static final int HEADER_BYTES = 128;

    private final FileChannel file;
    private int rows;
    private int dim;
    private long entries;

    /**
     * Opens the file, over an older one.
     *
     * @param path of the file
     */
    NpyWriter(Path path) throws IOException {
        file = FileChannel.open(
                path, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);
        writeHeader();
    }

    /**
     * Adds an entry {@code [rows, dim]}; all entries are of one shape.
     *
     * @return its index
     */
    long add(float[] vector, int entryRows, int entryDim) throws IOException {
        if (entries > 0 && (entryRows != rows || entryDim != dim)) {
            throw new IllegalArgumentException(
                    "npy: want entries of %d x %d, got %d x %d".formatted(rows, dim, entryRows, entryDim));
        }
        rows = entryRows;
        dim = entryDim;
        ByteBuffer bytes = ByteBuffer.allocate(vector.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(vector);
        writeAll(bytes);
        return entries++;
    }

    /** Writes the shape: {@code [entries, dim]} where an entry is one row, else {@code [entries, rows, dim]}. */
    @Override
    public void close() throws IOException {
        try (file) {
            file.position(0);
            writeHeader();
        }
    }

    private void writeHeader() throws IOException {
        String shape = rows == 1 ? "(%d, %d)".formatted(entries, dim) : "(%d, %d, %d)".formatted(entries, rows, dim);
        byte[] text = "{'descr': '<f4', 'fortran_order': False, 'shape': %s, }"
                .formatted(shape)
                .getBytes(US_ASCII);
        byte[] header = new byte[HEADER_BYTES];
        Arrays.fill(header, (byte) ' ');
        ByteBuffer.wrap(header)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put((byte) 0x93)
                .put("NUMPY".getBytes(US_ASCII))
                .put((byte) 1)
                .put((byte) 0)
                .putShort((short) (HEADER_BYTES - 10))
                .put(text);
        header[HEADER_BYTES - 1] = '\n';
        writeAll(ByteBuffer.wrap(header));
    }

    private void writeAll(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            file.write(bytes);
        }
    }
}
