package io.jepastream.ingest.fuzz;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Gives a reader damaged inputs and noise. Each must be read, or refused with an exception that the reader documents and a
 * message; in time, and without more memory than was said. Anything else fails with the input's number and its bytes.
 *
 * <p>System properties: {@code jepa.fuzz.inputs} per target (default: a few thousand, for every build),
 * {@code jepa.fuzz.seconds} most per target (default: no limit), {@code jepa.fuzz.seed} (default 1), and
 * {@code jepa.fuzz.first}, the number of the first input (default 0): with {@code jepa.fuzz.inputs=1} one again.
 */
public final class Fuzz {
    private static final int INPUTS = 2500;
    private static final int ENOUGH =
            100_000; // inputs after which a target that reads, or refuses, nothing is no target
    private static final long STUCK_SECONDS = 20;
    private static final long STEP = 0x9E3779B97F4A7C15L;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final String name;
    private final List<byte[]> seeds = new ArrayList<>();
    private final List<byte[]> words = new ArrayList<>();
    private final List<Class<? extends Exception>> refusals = new ArrayList<>();
    private int divisor = 1;
    private long bytesAtLeast = 1 << 20;
    private long bytesPerByte = 64;

    // Written by the fuzzing thread alone.
    private volatile long number = -1;
    private volatile byte[] input = new byte[0];
    private long read;
    private long refused;
    private long mostBytes;

    /** What is tried. */
    @FunctionalInterface
    public interface Target {
        /** Reads an input, or throws. */
        void read(byte[] input) throws Exception;
    }

    private Fuzz(String name) {
        this.name = name;
    }

    /** Starts to describe a target; {@code name} is for people. */
    public static Fuzz of(String name) {
        return new Fuzz(name);
    }

    /** Adds a good input. */
    public Fuzz seed(byte[] good) {
        seeds.add(good.clone());
        return this;
    }

    /** Adds a good input. */
    public Fuzz seed(String good) {
        return seed(good.getBytes(StandardCharsets.UTF_8));
    }

    /** Adds pieces that mean something to the reader. */
    public Fuzz words(String... pieces) {
        for (String piece : pieces) {
            words.add(piece.getBytes(StandardCharsets.UTF_8));
        }
        return this;
    }

    /** Adds an exception that the reader documents; those below it count too. */
    public Fuzz mayThrow(Class<? extends Exception> refusal) {
        refusals.add(refusal);
        return this;
    }

    /** Sets how much heap one input may take: {@code fixed} bytes and {@code each} for each of its own. */
    public Fuzz mayAllocate(long fixed, long each) {
        bytesAtLeast = fixed;
        bytesPerByte = each;
        return this;
    }

    /** A target so slow that only every so manieth input is tried in the short run. */
    public Fuzz slow(int times) {
        divisor = times;
        return this;
    }

    /**
     * Tries it, on a thread of its own with the usual stack.
     *
     * @throws AssertionError with the first input that is neither read nor refused as it should be
     */
    public void run(Target target) throws Exception {
        FutureTask<@Nullable Void> task = new FutureTask<>(work(target));
        Thread thread = new Thread(task, "fuzz " + name);
        thread.setDaemon(true);
        thread.start();
        long before = Long.MIN_VALUE;
        while (true) {
            try {
                task.get(STUCK_SECONDS, TimeUnit.SECONDS);
                return;
            } catch (ExecutionException e) {
                if (e.getCause() instanceof AssertionError error) {
                    throw error;
                }
                throw e;
            } catch (TimeoutException e) {
                if (number == before) {
                    AssertionError stuck = new AssertionError(about("took more than %d s".formatted(STUCK_SECONDS)), e);
                    stuck.setStackTrace(thread.getStackTrace());
                    throw stuck;
                }
                before = number;
            }
        }
    }

    private Callable<@Nullable Void> work(Target target) {
        return () -> {
            for (byte[] seed : seeds) {
                target.read(seed); // a good one is good, and all classes are loaded
            }
            Mutator mutator = new Mutator(seeds, words);
            long first = Long.getLong("jepa.fuzz.first", 0);
            long seed = Long.getLong("jepa.fuzz.seed", 1);
            long count = Long.getLong("jepa.fuzz.inputs", INPUTS / divisor);
            long start = System.nanoTime();
            long end = start + TimeUnit.SECONDS.toNanos(Long.getLong("jepa.fuzz.seconds", 1_000_000));
            for (long i = first; i < first + count && System.nanoTime() < end; i++) {
                input = mutator.next(new SplittableRandom(seed * STEP + i));
                number = i;
                one(target);
            }
            report(seed, System.nanoTime() - start);
            return null;
        };
    }

    private void one(Target target) {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        @Nullable Throwable thrown = null;
        try {
            target.read(input.clone());
        } catch (Throwable e) { // whatever it is, it is reported with the input
            thrown = e;
        }
        long bytes = THREADS.getCurrentThreadAllocatedBytes() - before;
        mostBytes = Math.max(mostBytes, bytes);
        if (thrown == null) {
            read++;
        } else {
            judge(thrown);
            refused++;
        }
        long limit = bytesAtLeast + bytesPerByte * input.length;
        if (bytes > limit) {
            throw new AssertionError(about("took %d bytes of heap, want at most %d".formatted(bytes, limit)), thrown);
        }
    }

    private void judge(Throwable thrown) {
        if (refusals.stream().noneMatch(refusal -> refusal.isInstance(thrown))) {
            throw new AssertionError(about("ended in " + thrown + ", want one of " + refusals), thrown);
        }
        String message = thrown.getMessage();
        if (message == null || message.isBlank()) {
            throw new AssertionError(about("was refused without a message"), thrown);
        }
    }

    private String about(String what) {
        return "%s: input %d of %d bytes %s; again with -Djepa.fuzz.seed=%d -Djepa.fuzz.first=%d -Djepa.fuzz.inputs=1; it is %s"
                .formatted(
                        name,
                        number,
                        input.length,
                        what,
                        Long.getLong("jepa.fuzz.seed", 1),
                        number,
                        HexFormat.of().formatHex(input));
    }

    private void report(long seed, long nanos) {
        System.out.printf(
                "fuzz %s: seed %d, %d inputs in %.1f s, %d read, %d refused, at most %d bytes of heap%n",
                name, seed, read + refused, nanos / 1e9, read, refused, mostBytes);
        if (read + refused >= ENOUGH && (read == 0 || refused == 0)) {
            throw new AssertionError(
                    "%s: want inputs of both kinds, got %d read and %d refused".formatted(name, read, refused));
        }
    }
}
