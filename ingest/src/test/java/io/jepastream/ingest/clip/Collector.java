package io.jepastream.ingest.clip;

import io.jepastream.ingest.wire.Clip;
import io.jepastream.ingest.wire.ClipGap;
import java.util.List;

/** Keeps what an assembler emits. */
record Collector(List<Clip> clips, List<ClipGap> gaps) implements ClipSink {
    @Override
    public void clip(Clip clip) {
        clips.add(clip);
    }

    @Override
    public void gap(ClipGap gap) {
        gaps.add(gap);
    }
}
