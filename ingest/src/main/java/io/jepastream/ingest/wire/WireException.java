package io.jepastream.ingest.wire;

/** Bytes that are not the record they should be. The message says what was wanted and what came. */
public final class WireException extends Exception {
    private static final long serialVersionUID = 1L;

    /**
     * Bytes that could not be read.
     *
     * @param message what was wanted and what came
     * @param cause the reader's own error
     */
    public WireException(String message, Throwable cause) {
        super(message, cause);
    }

    /**
     * A record that was read, but says something it may not say.
     *
     * @param message what was wanted and what came
     */
    public WireException(String message) {
        super(message);
    }
}
