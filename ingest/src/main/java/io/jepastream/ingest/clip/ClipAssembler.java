package io.jepastream.ingest.clip;

import io.jepastream.ingest.wire.Frame;
import io.jepastream.ingest.wire.WireException;

/**
 * Frames of one camera in, clips and gaps out: a deterministic function of the frames in their order. It reads no clock and
 * knows nothing of Kafka, so that the stream and the offline path agree bit for bit.
 */
final class ClipAssembler {
    /*
     * Slots and windows are integers on an epoch-aligned grid (ClipConfig). The first frame of a slot is its picture. A window is
     * written when the camera's watermark (its largest event time) has passed the window's end by the allowed lateness, as a clip
     * if enough slots are filled, else as a gap.
     *
     * Time may break in two ways. A new session: what is open is flushed and a new run of time begins. A jump: one frame farther
     * than maxJump from the watermark proves nothing (a stray of an hour ago must not end the present), so it waits; a second one
     * near it confirms the jump, and a new run begins; a frame on the old time line discards it.
     *
     * A clip is named by (camera, start). A run that goes on forward in time never writes a window again that an earlier run wrote;
     * only footage that is replayed (a new session after the end of one, or time that goes back beyond maxJump) repeats names.
     */
    private static final long LAST_MICROS = 253_402_300_800_000_000L; // year 10000

    private final ClipConfig config;
    private final WindowWriter writer;

    ClipAssembler(ClipConfig config) {
        this.config = config;
        this.writer = new WindowWriter(config);
    }

    /**
     * Takes the next frame of a camera.
     *
     * @param frame the frame, tick or end of stream
     * @param store what is known of this camera
     * @param sink takes the windows that this frame closes
     * @return what became of the frame
     * @throws WireException if the frame's time is outside of 1970 to 9999; the state is as before
     */
    Verdict accept(Frame frame, CameraStore store, ClipSink sink) throws WireException {
        long at = frame.getCapturedAt();
        if (at < 0 || at >= LAST_MICROS) {
            throw new WireException(
                    "captured_at: want epoch microseconds from 0 to %d, got %d".formatted(LAST_MICROS, at));
        }
        Run run = new Run(frame.getCamera(), store, sink, store.state().orElse(null));
        Verdict verdict = accept(frame, run);
        if (verdict != Verdict.STALE) {
            store.save(run.state());
        }
        return verdict;
    }

    private Verdict accept(Frame frame, Run run) {
        if (run.isNew()) {
            run.begin(frame.getSession());
            run.state().nextWindow = config.firstWindowReaching(config.slotOf(frame.getCapturedAt()));
            return take(frame, run);
        }
        CameraState state = run.state();
        if (frame.getSession() < state.session || (frame.getSession() == state.session && state.ended)) {
            return Verdict.STALE;
        }
        if (frame.getSession() > state.session) {
            return newSession(frame, run);
        }
        if (far(frame.getCapturedAt(), state.watermark)) {
            return offTime(frame, run);
        }
        forgetSuspect(run);
        return take(frame, run);
    }

    private Verdict newSession(Frame frame, Run run) {
        CameraState old = run.state();
        boolean replay = old.ended
                ? frame.getCapturedAt() < old.watermark
                : frame.getCapturedAt() < old.watermark - ClipConfig.micros(config.maxJump());
        forgetSuspect(run);
        writer.flush(run);
        run.begin(frame.getSession());
        startAt(frame.getCapturedAt(), replay, old.nextWindow, run);
        return take(frame, run);
    }

    private Verdict offTime(Frame frame, Run run) {
        CameraState state = run.state();
        long at = frame.getCapturedAt();
        if (frame.getEndOfStream()) {
            forgetSuspect(run);
            writer.flush(run);
            state.ended = true;
            return Verdict.TICK;
        }
        if (!state.suspicious || far(at, state.suspectAt)) {
            state.suspicious = true;
            state.suspectAt = at;
            run.store().putPicture(CameraStore.SUSPECT, frame);
            return Verdict.SUSPECT;
        }
        Frame first = run.store().picture(CameraStore.SUSPECT).orElseThrow();
        boolean back = at < state.watermark;
        writer.flush(run);
        long next = state.nextWindow;
        forgetSuspect(run);
        run.begin(state.session);
        startAt(Math.min(at, first.getCapturedAt()), back, next, run);
        take(first, run);
        return take(frame, run);
    }

    /** A new run of time begins at this instant; {@code nextWindow} is the first that the old run did not write. */
    private void startAt(long micros, boolean again, long nextWindow, Run run) {
        long first = config.firstWindowReaching(config.slotOf(micros));
        if (again) {
            run.state().nextWindow = first;
            return;
        }
        if (first > nextWindow) {
            writer.skipped(nextWindow, first, run);
        }
        run.state().nextWindow = Math.max(first, nextWindow);
    }

    /** Takes a frame of the present session and time. */
    private Verdict take(Frame frame, Run run) {
        CameraState state = run.state();
        long slot = config.slotOf(frame.getCapturedAt());
        boolean open = slot >= config.firstSlot(state.nextWindow);
        Verdict verdict = frame.getData().hasRemaining() ? place(frame, slot, run) : Verdict.TICK;
        if (open && verdict != Verdict.DUPLICATE && frame.getShed() + frame.getDecodeErrors() > 0) {
            state.mark(slot).count(frame.getShed(), frame.getDecodeErrors());
        }
        state.watermark = Math.max(state.watermark, frame.getCapturedAt());
        if (frame.getEndOfStream()) {
            writer.flush(run);
            state.ended = true;
        } else {
            writer.closeUpTo(state.watermark - ClipConfig.micros(config.lateness()), run);
        }
        return verdict;
    }

    private Verdict place(Frame frame, long slot, Run run) {
        CameraState state = run.state();
        long window = config.firstWindowReaching(slot);
        if (window < state.nextWindow && slot < config.firstSlot(state.nextWindow)) {
            return Verdict.LATE;
        }
        if (slot < config.firstSlot(window)) {
            return Verdict.UNUSED; // between two windows: the hop is longer than the length
        }
        switch (state.mark(slot).see(frame.getCapturedAt(), frame.getSequence())) {
            case BEST -> run.store().putPicture(slot, frame);
            case DUPLICATE_BEST -> {
                run.store().putPicture(slot, frame);
                return Verdict.DUPLICATE;
            }
            case DUPLICATE -> {
                return Verdict.DUPLICATE;
            }
            case LATER -> {
                return Verdict.UNUSED;
            }
        }
        return Verdict.KEPT;
    }

    private void forgetSuspect(Run run) {
        if (run.state().suspicious) {
            run.state().suspicious = false;
            run.store().deletePicture(CameraStore.SUSPECT);
        }
    }

    private boolean far(long micros, long from) {
        return Math.abs(micros - from) > ClipConfig.micros(config.maxJump());
    }
}
