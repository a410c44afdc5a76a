package io.jepastream.encoder;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.CharConversionException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads configurations in JSON that somebody else may have written. */
public final class JsonFile {
    /** The most bytes of such a file. */
    public static final int MOST_BYTES = 4 << 20;

    private static final ObjectMapper JSON = new ObjectMapper();

    private JsonFile() {}

    /**
     * Reads a file whole; an empty one gives a missing node.
     *
     * @throws IOException naming the file, if it cannot be read, is larger than {@link #MOST_BYTES} or no JSON
     */
    public static JsonNode read(Path file) throws IOException {
        long bytes = Files.size(file);
        if (bytes > MOST_BYTES) {
            throw new IOException("%s: want at most %d bytes, got %d".formatted(file, MOST_BYTES, bytes));
        }
        try {
            return JSON.readTree(file.toFile());
        } catch (JsonProcessingException e) {
            throw new IOException("%s: want JSON, got %s".formatted(file, e.getOriginalMessage()), e);
        } catch (CharConversionException e) { // Jackson's, of bytes that look like UTF-32
            throw new IOException("%s: want JSON, got %s".formatted(file, e.getMessage()), e);
        }
    }
}
