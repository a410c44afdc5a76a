package io.jepastream.encoder.tensor;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.JniUtils;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * The one thread that owns a device: its tensors and kernels are made, used and closed there and nowhere else. Everyone
 * else hands it work and gets Java values back.
 *
 * <p>The thread runs with autograd and the graph optimiser off; both are thread-local in the engine, and the optimiser
 * deletes in-place updates that it believes dead.
 */
public final class DeviceExecutor implements AutoCloseable {
    private static final int ENGINE_CHOOSES = 0;

    private final Device device;
    private final ExecutorService thread;
    private final NDManager root;

    /**
     * Starts the thread and the engine.
     *
     * @param threads cores for one operation on the CPU, for the whole process; 0 leaves the engine's choice
     */
    public DeviceExecutor(Device device, int threads) {
        this.device = device;
        this.thread = Executors.newSingleThreadExecutor(work -> {
            Thread t = new Thread(work, "device-" + device);
            t.setDaemon(true);
            return t;
        });
        this.root = join(CompletableFuture.supplyAsync(() -> prepare(device, threads), thread));
    }

    private static NDManager prepare(Device device, int threads) {
        NDManager root = Engine.getEngine("PyTorch").newBaseManager(device);
        JniUtils.setGraphExecutorOptimize(false);
        JniUtils.setGradMode(false);
        if (threads != ENGINE_CHOOSES) {
            JniUtils.setNumThreads(threads);
        }
        return root;
    }

    public Device device() {
        return device;
    }

    /** The manager of what outlives a call; only for work running on this thread. */
    public NDManager root() {
        return root;
    }

    /**
     * Runs {@code work} on the device's thread and waits for it.
     *
     * @param work gets a manager of its own that is closed when it returns, so no tensor may escape
     */
    public <T> T call(Function<NDManager, T> work) {
        return join(submit(work));
    }

    /**
     * As {@link #call}, but does not wait, so that several devices work at a time; {@link #join} gets the result.
     *
     * @param work gets a manager of its own that is closed when it returns, so no tensor may escape
     */
    public <T> CompletableFuture<T> submit(Function<NDManager, T> work) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try (NDManager scope = root.newSubManager()) {
                        return work.apply(scope);
                    }
                },
                thread);
    }

    /** Waits for work that was {@linkplain #submit submitted}; throws what it threw. */
    public static <T> T join(CompletableFuture<T> future) {
        try {
            return future.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                cause.addSuppressed(new IllegalStateException("handed to the device thread from here"));
                throw cause;
            }
            if (e.getCause() instanceof Error cause) {
                throw cause;
            }
            throw e;
        }
    }

    /** Closes every tensor of the device and ends the thread. */
    @Override
    public void close() {
        if (thread.isShutdown()) {
            return;
        }
        join(CompletableFuture.runAsync(root::close, thread));
        thread.shutdown();
        try {
            if (!thread.awaitTermination(10, TimeUnit.SECONDS)) {
                throw new IllegalStateException("device thread did not end within 10 s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
