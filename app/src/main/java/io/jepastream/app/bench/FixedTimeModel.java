package io.jepastream.app.bench;

import io.jepastream.encoder.ClipResult;
import io.jepastream.encoder.EvalTransform;
import io.jepastream.encoder.PixelClip;
import io.jepastream.encoder.stream.ClipModel;
import io.jepastream.encoder.stream.ModelIdentity;
import io.jepastream.ingest.media.Picture;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/** A model that prepares clips as a real one does, takes its time as a device would, and says always the same. */
final class FixedTimeModel implements ClipModel {
    private static final int FRAMES = 16;
    private static final int CROP = 224;
    private static final int DIM = 384; // of a ViT-S
    private static final long SPIN_NANOS = 60_000; // parking ends some tens of microseconds late

    private final EvalTransform transform = new EvalTransform(CROP);
    private final float[] vector = new float[DIM];
    private final long nanos;
    private final List<Call> calls = new ArrayList<>();

    /**
     * One call.
     *
     * @param start on the clock of {@link System#nanoTime}
     * @param end on the same clock
     * @param clips of the call
     */
    record Call(long start, long end, int clips) {}

    /** A model of which every call takes so long, whatever its batch; none is possible. */
    FixedTimeModel(Duration time) {
        nanos = time.toNanos();
    }

    /** All calls so far, in order. */
    List<Call> calls() {
        synchronized (calls) {
            return List.copyOf(calls);
        }
    }

    @Override
    public ModelIdentity identity() {
        return new ModelIdentity("fixed-time", "0".repeat(64), EvalTransform.VERSION, "fp32", "mean");
    }

    @Override
    public boolean takes(int frames) {
        return frames == FRAMES;
    }

    @Override
    public PixelClip prepare(List<Picture> pictures) {
        return PixelClip.of(
                pictures.stream()
                        .map(picture -> transform.view(picture.planes(), picture.width(), picture.height()))
                        .toList(),
                CROP);
    }

    @Override
    public List<ClipResult> infer(List<PixelClip> clips) {
        long start = System.nanoTime();
        long left = nanos;
        while (left > 0) {
            if (left > SPIN_NANOS) {
                LockSupport.parkNanos(left - SPIN_NANOS);
            } else {
                Thread.onSpinWait();
            }
            left = start + nanos - System.nanoTime();
        }
        synchronized (calls) {
            calls.add(new Call(start, System.nanoTime(), clips.size()));
        }
        return clips.stream()
                .map(clip -> new ClipResult(vector, 1, DIM, Map.of()))
                .toList();
    }

    /**
     * Share of the time in which the model is at work while clips wait: from its first call after so many clips to the last
     * call before the same number is left, as there may be too few for a batch before and after.
     *
     * @param calls in order
     * @param margin clips at either end
     * @throws IllegalArgumentException if there are too few calls
     */
    static double busyShare(List<Call> calls, int margin) {
        int all = calls.stream().mapToInt(Call::clips).sum();
        List<Call> inside = new ArrayList<>();
        int before = 0;
        for (Call call : calls) {
            if (before >= margin && before + call.clips() <= all - margin) {
                inside.add(call);
            }
            before += call.clips();
        }
        if (inside.size() < 2) {
            throw new IllegalArgumentException(
                    "busy share: want calls for more than %d clips, got %d clips".formatted(2 * margin, all));
        }
        // From start to start, so that each call counts with the pause after it.
        Call last = inside.remove(inside.size() - 1);
        double busy =
                inside.stream().mapToLong(call -> call.end() - call.start()).sum();
        return busy / (last.start() - inside.get(0).start());
    }
}
