package io.jepastream.trainer;

import io.jepastream.encoder.PixelClip;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;

/**
 * Training batches. Threads of its own render clips number by number while others assemble batches of clips turned anew.
 * What a batch holds depends on the seed and the step alone: step {@code s} draws from the clips numbered below
 * {@code first + s * perStep}, and waits for them.
 */
final class ClipPool implements AutoCloseable {
    private final Settings settings;
    private final int crop;
    private final ConcurrentHashMap<Long, Slot> clips = new ConcurrentHashMap<>();
    private final BlockingQueue<Batch> ready;
    private volatile boolean closed;

    /**
     * How clips are drawn.
     *
     * @param seed of everything random
     * @param batch clips per batch
     * @param first clips that exist before the first step
     * @param perStep new clips per step
     * @param steps batches in all
     * @param renderers threads that render
     */
    record Settings(long seed, int batch, int first, double perStep, int steps, int renderers) {
        int availableAt(int step) {
            return first + (int) (step * perStep);
        }
    }

    /** A clip that exists or is being rendered. */
    private static final class Slot {
        final CountDownLatch done = new CountDownLatch(1);
        volatile MotionClips.Labelled clip;

        Slot(MotionClips.Labelled none) {
            clip = none;
        }
    }

    /** Bytes {@code [B, 3, T, S, S]} and the motions. */
    static final class Batch {
        final byte[] pixels;
        final long[] labels;

        Batch(byte[] pixels, long[] labels) {
            this.pixels = pixels;
            this.labels = labels;
        }
    }

    ClipPool(Settings settings, int crop) {
        this.settings = settings;
        this.crop = crop;
        this.ready = new ArrayBlockingQueue<>(4);
        for (int i = 0; i < settings.renderers(); i++) {
            int index = i;
            start("render-" + i, () -> render(index));
        }
        start("batches", this::assemble);
    }

    private static void start(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }

    private Slot slot(long number) {
        return clips.computeIfAbsent(number, n -> new Slot(EMPTY));
    }

    private static final MotionClips.Labelled EMPTY =
            new MotionClips.Labelled(PixelClip.of(List.of(new byte[3]), 1), 0);

    private void render(int index) {
        try (MotionClips source = new MotionClips(crop)) {
            int last = settings.availableAt(settings.steps());
            for (long n = index; n < last && !closed; n += settings.renderers()) {
                Slot slot = slot(n);
                slot.clip = source.clip(settings.seed() * 1_000_000_007L + n);
                slot.done.countDown();
            }
        }
    }

    private void assemble() {
        try {
            for (int step = 0; step < settings.steps() && !closed; step++) {
                ready.put(batch(step));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Batch batch(int step) throws InterruptedException {
        SplittableRandom random = new SplittableRandom(settings.seed() * 31 + step);
        int available = settings.availableAt(step);
        byte[] pixels = new byte[0];
        long[] labels = new long[settings.batch()];
        for (int b = 0; b < settings.batch(); b++) {
            Slot slot = slot(random.nextInt(available));
            slot.done.await();
            MotionClips.Labelled drawn = slot.clip;
            int length = drawn.clip().length();
            if (b == 0) {
                pixels = new byte[length * settings.batch()];
            }
            Turned turned = new Turned(random);
            turned.copy(
                    drawn.clip().toBytes(), drawn.clip().frames(), drawn.clip().size(), pixels, b * length);
            labels[b] = turned.label(drawn.label());
        }
        return new Batch(pixels, labels);
    }

    /** The next batch, in order. */
    Batch next() throws InterruptedException {
        return ready.take();
    }

    @Override
    public void close() {
        closed = true;
    }
}
