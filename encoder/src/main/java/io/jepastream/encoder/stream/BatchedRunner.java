package io.jepastream.encoder.stream;

import io.jepastream.encoder.ClipResult;
import io.jepastream.encoder.PixelClip;
import java.time.Duration;
import java.util.Collections;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs clips of many threads through one model in batches. A clip that fails is tried again; if it fails again, the model is asked
 * about a black one. If it takes that, the clip is given up; if not, it is the model that is broken, and the process must end: no
 * clip is given up for a fault of the machine, and no footage stops the stream.
 *
 * <p>A model that is slow is waited for, by a caller that comes back when its own time is over, up to a limit; then it is
 * {@link #stuck}.
 */
public final class BatchedRunner implements ClipEncoder.ClipRunner, AutoCloseable {
    private static final int TRIES = 2;

    private static final Duration COMES_BACK = Duration.ofMinutes(1); // a thread of a stage is replaced in seconds

    private final MicroBatcher<PixelClip, ClipResult> batcher;
    private final Limits limits;
    private final ModelWatch watch;
    private volatile @Nullable String stuck; // once and for all

    /**
     * How long to wait.
     *
     * @param clip how long a caller waits for its clip, waiting in line included; below the transaction timeout
     * @param model how long the model may be silent while clips wait, before it is taken for stuck
     */
    public record Limits(Duration clip, Duration model) {
        /** A caller waits no longer than the model may be silent. */
        public Limits {
            clip = clip.compareTo(model) > 0 ? model : clip;
        }
    }

    /**
     * Starts the batcher.
     *
     * @param model runs on the batcher's thread
     * @param maxBatch most clips of a call
     * @param maxWait how long the first clip of a batch waits for others
     * @param limits how long to wait for the model
     */
    public BatchedRunner(ClipModel model, int maxBatch, Duration maxWait, Limits limits) {
        this(model, maxBatch, maxWait, limits, System::nanoTime);
    }

    BatchedRunner(ClipModel model, int maxBatch, Duration maxWait, Limits limits, LongSupplier nanoClock) {
        this.batcher = new MicroBatcher<>(model::infer, maxBatch, maxWait);
        this.limits = limits;
        this.watch = new ModelWatch(nanoClock, COMES_BACK);
    }

    /** Why the model must be taken for stuck, if it must: clips wait, and there was no answer for longer than the limit. */
    public Optional<String> stuck() {
        if (stuck == null) {
            stuck = watch.silence()
                    .filter(silence -> silence.compareTo(limits.model()) >= 0)
                    .map(silence ->
                            ("the model is stuck: want an answer within %d s (--model-timeout), got none for %d s while"
                                            + " clips wait; the device may have failed")
                                    .formatted(limits.model().toSeconds(), silence.toSeconds()))
                    .orElse(null);
        }
        return Optional.ofNullable(stuck);
    }

    @Override
    public ClipResult run(PixelClip clip) throws ClipException, InterruptedException {
        for (int tries = 1; ; tries++) {
            try {
                return call(clip);
            } catch (ExecutionException e) {
                if (tries == TRIES) {
                    throw givenUp(clip, e);
                }
            }
        }
    }

    /** Asks the model; an error of the machine, or a model that does not answer, ends the thread. */
    private ClipResult call(PixelClip clip) throws ExecutionException, InterruptedException {
        boolean answered = false;
        watch.waits();
        try {
            ClipResult result = batcher.call(clip, limits.clip());
            answered = true;
            return result;
        } catch (TimeoutException e) {
            throw new SlowModelException("the model took longer than %s for a clip".formatted(limits.clip()), e);
        } catch (ExecutionException e) {
            answered = true;
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw e;
        } finally {
            if (answered) {
                watch.answered();
            } else {
                watch.gaveUp();
            }
        }
    }

    private ClipException givenUp(PixelClip clip, ExecutionException e) throws InterruptedException {
        Throwable cause = e.getCause() == null ? e : e.getCause();
        byte[] black = new byte[3 * clip.size() * clip.size()];
        try {
            var unused = call(PixelClip.of(Collections.nCopies(clip.frames(), black), clip.size()));
        } catch (ExecutionException broken) {
            throw new BrokenModelException(
                    "the model is broken: it failed for a clip, and for a black one: " + broken.getCause(), cause);
        }
        return new ClipException("the model failed %d times: %s".formatted(TRIES, cause), cause);
    }

    /** Runs what is in line, then stops; a model that is {@link #stuck} is left behind. */
    @Override
    public void close() {
        if (stuck().isPresent()) {
            batcher.abandon();
            return;
        }
        batcher.close();
    }
}
