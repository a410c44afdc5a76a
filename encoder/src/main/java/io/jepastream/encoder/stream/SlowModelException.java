package io.jepastream.encoder.stream;

/** A clip waited for the model as long as its transaction allows. It is to be taken again, for as long as it needs. */
public final class SlowModelException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * Says how long.
     *
     * @param message what was waited for
     * @param cause the timeout
     */
    public SlowModelException(String message, Throwable cause) {
        super(message, cause);
    }
}
