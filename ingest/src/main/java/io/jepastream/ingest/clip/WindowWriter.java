package io.jepastream.ingest.clip;

import io.jepastream.ingest.wire.Clip;
import io.jepastream.ingest.wire.ClipFrame;
import io.jepastream.ingest.wire.ClipGap;
import io.jepastream.ingest.wire.Frame;
import io.jepastream.ingest.wire.GapReason;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;

/** Closes windows: a clip where enough slots are filled, else a gap. */
final class WindowWriter {
    private static final ByteBuffer NO_DATA = ByteBuffer.allocate(0).asReadOnlyBuffer();

    private final ClipConfig config;

    WindowWriter(ClipConfig config) {
        this.config = config;
    }

    /** Writes every window that ends at or before this instant. */
    void closeUpTo(long micros, Run run) {
        while (config.endMicros(run.state().nextWindow) <= micros) {
            closeNext(run);
        }
    }

    /** Writes every window that time has reached, whole or not: nothing more of this run will come. */
    void flush(Run run) {
        CameraState state = run.state();
        while (config.startMicros(state.nextWindow) < state.watermark || seen(state, state.nextWindow) > 0) {
            closeNext(run);
        }
        state.marks.keySet().forEach(run.store()::deletePicture);
        state.marks.clear();
    }

    /** Gaps for windows {@code from} to before {@code to}, which no frame reached. */
    void skipped(long from, long to, Run run) {
        if (to - from <= config.maxGapRecords()) {
            for (long window = from; window < to; window++) {
                run.sink().gap(gap(run, window, window, GapReason.NO_FRAMES).build());
            }
        } else {
            run.sink()
                    .gap(gap(run, from, to - 1, GapReason.NO_FRAMES)
                            .setWindows((int) Math.min(Integer.MAX_VALUE, to - from))
                            .build());
        }
    }

    private void closeNext(Run run) {
        CameraState state = run.state();
        long window = state.nextWindow;
        NavigableMap<Long, SlotMark> marks = marks(state, window);
        int filled = (int) marks.values().stream().filter(SlotMark::filled).count();
        if (filled >= config.slots() - config.maxMissing()) {
            run.sink().clip(clip(run, window, marks));
        } else {
            run.sink()
                    .gap(gap(run, window, window, reason(marks))
                            .setFramesSeen(seen(state, window))
                            .setSlotsFilled(filled)
                            .build());
        }
        state.nextWindow = window + 1;
        NavigableMap<Long, SlotMark> over = state.marks.headMap(config.firstSlot(window + 1), false);
        over.keySet().forEach(run.store()::deletePicture);
        over.clear();
    }

    private Clip clip(Run run, long window, NavigableMap<Long, SlotMark> marks) {
        long firstSlot = config.firstSlot(window);
        List<Long> times = new ArrayList<>(config.slots());
        List<Integer> missing = new ArrayList<>();
        List<ClipFrame> frames = new ArrayList<>(config.slots());
        for (int i = 0; i < config.slots(); i++) {
            long source = nearest(firstSlot + i, marks);
            Frame frame = run.store().picture(source).orElseThrow();
            boolean own = source == firstSlot + i;
            times.add(frame.getCapturedAt());
            frames.add(new ClipFrame(
                    frame.getWidth(),
                    frame.getHeight(),
                    frame.getEncoding(),
                    own ? frame.getData() : NO_DATA.duplicate(),
                    own ? -1 : (int) (source - firstSlot)));
            if (!own) {
                missing.add(i);
            }
        }
        return Clip.newBuilder()
                .setCamera(run.camera())
                .setStart(config.startMicros(window))
                .setEnd(config.endMicros(window))
                .setSession(run.state().session)
                .setFrameTimes(times)
                .setSourceFrames(seen(run.state(), window))
                .setMissing(missing)
                .setFrames(frames)
                .build();
    }

    /** The filled slot nearest to this one, the earlier of two. */
    private static long nearest(long slot, NavigableMap<Long, SlotMark> marks) {
        long best = Long.MAX_VALUE;
        for (var mark : marks.entrySet()) {
            boolean nearer = best == Long.MAX_VALUE || Math.abs(mark.getKey() - slot) < Math.abs(best - slot);
            if (mark.getValue().filled() && nearer) {
                best = mark.getKey();
            }
        }
        return best;
    }

    private ClipGap.Builder gap(Run run, long first, long last, GapReason reason) {
        return ClipGap.newBuilder()
                .setCamera(run.camera())
                .setStart(config.startMicros(first))
                .setEnd(config.endMicros(last))
                .setSession(run.state().session)
                .setReason(reason)
                .setFramesSeen(0);
    }

    private static GapReason reason(NavigableMap<Long, SlotMark> marks) {
        if (marks.values().stream().anyMatch(mark -> mark.decodeErrors() > 0)) {
            return GapReason.DECODE_ERROR;
        }
        if (marks.values().stream().anyMatch(mark -> mark.shed() > 0)) {
            return GapReason.SHED;
        }
        return marks.values().stream().anyMatch(SlotMark::filled) ? GapReason.TOO_FEW : GapReason.NO_FRAMES;
    }

    private int seen(CameraState state, long window) {
        return marks(state, window).values().stream().mapToInt(SlotMark::seen).sum();
    }

    private NavigableMap<Long, SlotMark> marks(CameraState state, long window) {
        long first = config.firstSlot(window);
        return state.marks.subMap(first, true, first + config.slots() - 1, true);
    }
}
