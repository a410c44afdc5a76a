package io.jepastream.encoder.stream;

/** The model or its device is broken: it fails for every clip, or does not answer any more. The process must end. */
public final class BrokenModelException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * Says what was seen.
     *
     * @param message for whoever operates the machine
     * @param cause the model's own error
     */
    public BrokenModelException(String message, Throwable cause) {
        super(message, cause);
    }
}
