package io.jepastream.encoder.stream;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Gathers the items of many blocked callers into batches for one slow function: a batch runs as soon as it is full, or when the
 * first of its items has waited long enough.
 *
 * <p>If a batch fails, each of its items is run again by itself, so that one bad item fails alone.
 *
 * @param <I> item
 * @param <O> result
 */
public final class MicroBatcher<I, O> implements AutoCloseable {
    private static final Duration LONGEST_CLOSE = Duration.ofSeconds(30);

    private final Function<List<I>, List<O>> function;
    private final int maxBatch;
    private final long maxWaitNanos;
    private final BlockingQueue<Job<I, O>> queue;
    private final Thread worker;
    private volatile boolean open = true;

    private record Job<I, O>(I item, CompletableFuture<O> result) {}

    /**
     * Starts the one thread that calls the function.
     *
     * @param function a result for each item, in order; only ever called by one thread
     * @param maxBatch most items of a call, 1 or more
     * @param maxWait how long the first item of a batch waits for others
     */
    public MicroBatcher(Function<List<I>, List<O>> function, int maxBatch, Duration maxWait) {
        if (maxBatch < 1) {
            throw new IllegalArgumentException("max-batch: want 1 or more, got %d".formatted(maxBatch));
        }
        this.function = function;
        this.maxBatch = maxBatch;
        this.maxWaitNanos = maxWait.toNanos();
        this.queue = new ArrayBlockingQueue<>(16 * maxBatch);
        this.worker = new Thread(this::work, "clip-batcher");
        worker.setDaemon(true);
        worker.start();
    }

    /**
     * Waits for the item's result.
     *
     * @param item what to run
     * @param timeout how long to wait, waiting in line included
     * @throws ExecutionException what the function threw for this item
     * @throws TimeoutException if the result takes longer; the item may still run, if its turn has come
     */
    public O call(I item, Duration timeout) throws ExecutionException, TimeoutException, InterruptedException {
        Job<I, O> job = new Job<>(item, new CompletableFuture<>());
        long deadline = System.nanoTime() + timeout.toNanos();
        if (!open) {
            throw new IllegalStateException("the batcher is closed");
        }
        if (!queue.offer(job, timeout.toNanos(), TimeUnit.NANOSECONDS)) {
            throw new TimeoutException("no room in line within %s".formatted(timeout));
        }
        try {
            return job.result().get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (TimeoutException | InterruptedException e) {
            job.result().cancel(false); // nobody wants it any more: it must not keep others waiting
            throw e;
        }
    }

    /** Takes nothing more and waits for nothing: for a function that does not come back. */
    void abandon() {
        open = false;
        worker.interrupt();
    }

    /** Runs what is in line, then stops. */
    @Override
    public void close() {
        open = false;
        try {
            worker.join(LONGEST_CLOSE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        }
        if (worker.isAlive()) {
            throw new IllegalStateException("a batch has been running for more than %s".formatted(LONGEST_CLOSE));
        }
    }

    private void work() {
        try {
            while (open || !queue.isEmpty()) {
                Job<I, O> first = queue.poll(50, TimeUnit.MILLISECONDS);
                if (first != null && !first.result().isDone()) {
                    run(gather(first));
                }
            }
        } catch (InterruptedException e) {
            open = false;
            Thread.currentThread().interrupt();
        }
    }

    private List<Job<I, O>> gather(Job<I, O> first) throws InterruptedException {
        List<Job<I, O>> batch = new ArrayList<>(maxBatch);
        batch.add(first);
        long deadline = System.nanoTime() + maxWaitNanos;
        while (batch.size() < maxBatch) {
            @Nullable Job<I, O> next = queue.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
            if (next == null) {
                break;
            }
            if (!next.result().isDone()) {
                batch.add(next);
            }
        }
        return batch;
    }

    private void run(List<Job<I, O>> batch) {
        try {
            List<O> results = function.apply(batch.stream().map(Job::item).toList());
            if (results.size() != batch.size()) {
                throw new IllegalStateException("want %d results, got %d".formatted(batch.size(), results.size()));
            }
            for (int i = 0; i < batch.size(); i++) {
                batch.get(i).result().complete(results.get(i));
            }
        } catch (RuntimeException | Error e) { // the callers must learn of it, whatever it is: they are waiting
            if (batch.size() == 1) {
                batch.get(0).result().completeExceptionally(e);
            } else {
                batch.forEach(job -> run(List.of(job)));
            }
        }
    }
}
