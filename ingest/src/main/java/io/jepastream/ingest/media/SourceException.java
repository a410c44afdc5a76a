package io.jepastream.ingest.media;

/** A camera or file that could not be opened or read. Its message never holds credentials. */
public final class SourceException extends Exception {
    /** What went wrong, coarsely: decides whether another attempt makes sense. */
    public enum Reason {
        /** There is no such thing, or it refuses us, or it holds no video. */
        NOT_OPENED,
        /** It was delivering and broke. */
        BROKEN,
        /** Nothing came before the deadline. */
        TIMED_OUT,
        /** Somebody called {@link FrameSource#cancel()}. */
        CANCELLED,
        /** An option of ours that this source does not know: no attempt will ever succeed. */
        BAD_OPTION
    }

    private final Reason reason;

    /** Says what was wanted and what came. */
    public SourceException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    /** Returns what went wrong, coarsely. */
    public Reason reason() {
        return reason;
    }
}
