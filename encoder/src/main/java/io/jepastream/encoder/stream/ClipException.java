package io.jepastream.encoder.stream;

/** A clip that the model cannot encode. */
public final class ClipException extends Exception {
    private static final long serialVersionUID = 1L;

    /**
     * Says why.
     *
     * @param message what was wanted and what came
     * @param cause the model's own error
     */
    public ClipException(String message, Throwable cause) {
        super(message, cause);
    }
}
