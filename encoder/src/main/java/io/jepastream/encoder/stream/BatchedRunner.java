package io.jepastream.encoder.stream;

import io.jepastream.encoder.ClipResult;
import io.jepastream.encoder.PixelClip;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Runs clips of many threads through one model in batches. A clip that fails is tried again, then given up; when clip after clip
 * fails, it is the model that is broken, and the caller's thread must end.
 */
public final class BatchedRunner implements ClipEncoder.ClipRunner, AutoCloseable {
    private static final int TRIES = 2;
    private static final int FAILURES_OF_A_BROKEN_MODEL = 3;

    private final MicroBatcher<PixelClip, ClipResult> batcher;
    private final Duration timeout;
    private final AtomicInteger failuresInARow = new AtomicInteger();

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
                ClipResult result = batcher.call(clip, timeout);
                failuresInARow.set(0);
                return result;
            } catch (TimeoutException e) {
                throw new IllegalStateException("the model took longer than %s for a clip".formatted(timeout), e);
            } catch (ExecutionException e) {
                if (e.getCause() instanceof Error error) {
                    throw error;
                }
                if (tries == TRIES) {
                    throw givenUp(e);
                }
            }
        }
    }

    private ClipException givenUp(ExecutionException e) {
        Throwable cause = e.getCause() == null ? e : e.getCause();
        int failures = failuresInARow.incrementAndGet();
        if (failures >= FAILURES_OF_A_BROKEN_MODEL) {
            throw new IllegalStateException("the model failed for %d clips in a row".formatted(failures), cause);
        }
        return new ClipException("the model failed %d times: %s".formatted(TRIES, cause), cause);
    }

    @Override
    public void close() {
        batcher.close();
    }
}
