package io.jepastream.ingest.media;

/** Bytes that are not the picture they claim to be: undecodable, cut short, of another size or of an absurd one. */
public final class PictureException extends Exception {
    /** Says what was wanted and what came. */
    public PictureException(String message) {
        super(message);
    }
}
