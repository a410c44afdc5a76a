package io.jepastream.ingest.clip;

import java.util.Locale;

/** What became of a frame. */
public enum Verdict {
    /** It is the picture of its slot, so far. */
    KEPT,
    /** Its slot has an earlier frame, or no window uses the slot. */
    UNUSED,
    /** It brought time, not a picture. */
    TICK,
    /** A frame of the same camera and time was seen already. */
    DUPLICATE,
    /** Every window that it belongs to was emitted already. */
    LATE,
    /** It belongs to a session that has ended or was replaced. */
    STALE,
    /** It is far off the camera's time and waits for a second such frame. */
    SUSPECT;

    /** The name in metrics. */
    public String tag() {
        return name().toLowerCase(Locale.ROOT);
    }
}
