package io.jepastream.ingest.synth;

import java.util.Locale;

/** What generated worlds look like. */
public enum Surface {
    /** Clouds, checkers, stripes, blobs, patches, of all colours and contrasts: a world looks like no other. */
    VARIED,
    /** Grey noise of one contrast and grain: worlds look alike, so that only motion tells one clip from another. */
    GRAIN;

    /** The name for people and command lines: {@code grain}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
