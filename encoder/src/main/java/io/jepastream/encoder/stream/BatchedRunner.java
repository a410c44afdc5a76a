package io.jepastream.encoder.stream;

import io.jepastream.encoder.ClipResult;
import io.jepastream.encoder.PixelClip;
import java.time.Duration;
import java.util.Collections;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;

/**
 * Runs clips of many threads through one model in batches. A clip that fails is tried again; if it fails again, the model is asked
 * about a black one. If it takes that, the clip is given up; if not, it is the model that is broken, and the caller's thread must
 * end: no clip is given up for a fault of the machine, and no footage stops the stream.
 */
public final class BatchedRunner implements ClipEncoder.ClipRunner, AutoCloseable {
    private static final int TRIES = 2;

    private final MicroBatcher<PixelClip, ClipResult> batcher;
    private final Duration timeout;

    /**
     * Starts the batcher.
     *
     * @param model runs on the batcher's thread
     * @param maxBatch most clips of a call
     * @param maxWait how long the first clip of a batch waits for others
     * @param timeout how long a clip may take, waiting in line included; below the transaction timeout
     */
    public BatchedRunner(ClipModel model, int maxBatch, Duration maxWait, Duration timeout) {
        this.batcher = new MicroBatcher<>(model::infer, maxBatch, maxWait);
        this.timeout = timeout;
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
        try {
            return batcher.call(clip, timeout);
        } catch (TimeoutException e) {
            throw new IllegalStateException("the model took longer than %s for a clip".formatted(timeout), e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw e;
        }
    }

    private ClipException givenUp(PixelClip clip, ExecutionException e) throws InterruptedException {
        Throwable cause = e.getCause() == null ? e : e.getCause();
        byte[] black = new byte[3 * clip.size() * clip.size()];
        try {
            var unused = call(PixelClip.of(Collections.nCopies(clip.frames(), black), clip.size()));
        } catch (ExecutionException broken) {
            throw new IllegalStateException("the model is broken: it failed for a clip, and for a black one", cause);
        }
        return new ClipException("the model failed %d times: %s".formatted(TRIES, cause), cause);
    }

    @Override
    public void close() {
        batcher.close();
    }
}
