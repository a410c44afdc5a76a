package io.jepastream.app;

/** The user asked for something that cannot be; exit code 2. The message says what was wanted and what came. */
final class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UsageException(String message) {
        super(message);
    }
}
