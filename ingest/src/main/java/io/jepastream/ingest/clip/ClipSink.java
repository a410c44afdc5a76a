package io.jepastream.ingest.clip;

import io.jepastream.ingest.wire.Clip;
import io.jepastream.ingest.wire.ClipGap;

/** Takes what an assembler emits, in order. */
public interface ClipSink {
    /** A window that was filled. */
    void clip(Clip clip);

    /** Windows that were not. */
    void gap(ClipGap gap);
}
