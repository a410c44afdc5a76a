package io.jepastream.trainer.data;

import io.jepastream.ingest.media.Picture;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Batches of augmented clips, read ahead by threads of its own. The batch of a step depends on the seed and the step
 * alone, not on the threads or on where the loader started. A clip that cannot be read is replaced by another one, which
 * the seed decides too and which is of the same source, and named once in the log. Sources may give clips of different
 * lengths; a batch then holds them by length.
 *
 * <p>Batches follow each other without regard to epochs: one may hold the end of an epoch and the start of the next.
 * Memory is bounded by the batches read ahead. {@link #next} is for one thread; {@link #close} may come from any.
 */
public final class BatchLoader implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BatchLoader.class);
    private static final int FIRST = 200; // clips among which at most half may fail
    private static final int MOST_ATTEMPTS = 1000;
    private static final int MOST_NAMED = 50;
    private static final long PATIENCE_SECONDS = 30;

    private final List<ClipSource> sources = new ArrayList<>();
    private final List<Integer> lengths = new ArrayList<>(); // of the sources, T
    private final Augmentation augmentation;
    private final Settings settings;
    private final Map<String, Integer> classes = new HashMap<>();
    private final SampleOrder order;
    private final ExecutorService workers;
    private final Deque<Pending> pending = new ArrayDeque<>();
    private final AtomicInteger tried = new AtomicInteger();
    private final AtomicLong failed = new AtomicLong();
    private final Set<String> named = ConcurrentHashMap.newKeySet();
    private long step;
    private volatile boolean closed;

    /**
     * Clips and how often they come.
     *
     * @param weight part of all drawn clips, in any unit; 0 for all sources: every clip once an epoch
     * @param frames T of this source; 0: as the settings say
     */
    public record Weighted(ClipSource clips, double weight, int frames) {
        public Weighted {
            if (!(weight >= 0) || Double.isInfinite(weight)) {
                throw new IllegalArgumentException("weight of a data set: want 0 or more, got " + weight);
            }
            if (frames < 0) {
                throw new IllegalArgumentException("frames of a data set: want 0 or more, got " + frames);
            }
        }

        /** Clips as long as the settings say. */
        public Weighted(ClipSource clips, double weight) {
            this(clips, weight, 0);
        }
    }

    /**
     * How batches are made.
     *
     * @param batch B, 1 or more
     * @param frames T, as those sources give them that say nothing else
     * @param seed of everything drawn
     * @param firstStep number of the first batch, from 0; more to go on with a training
     * @param shuffled whether epochs are shuffled
     * @param threads that read, 1 or more
     * @param ahead batches being read or waiting, 1 or more
     * @param copies how often each clip that is read is in the batch, one behind the other, augmented anew each time
     */
    public record Settings(
            int batch, int frames, long seed, long firstStep, boolean shuffled, int threads, int ahead, int copies) {
        public Settings {
            if (copies < 1 || batch % copies != 0) {
                throw new IllegalArgumentException(
                        "batches: want a batch of whole groups of copies, got %d clips and %d copies"
                                .formatted(batch, copies));
            }
            if (batch < 1 || frames < 1 || firstStep < 0 || threads < 1 || threads > 256 || ahead < 1) {
                throw new IllegalArgumentException(
                        "batches: want batch, frames and ahead of 1 or more, 1 to 256 threads"
                                + " and a first step from 0, got %d, %d, %d, %d and %d"
                                        .formatted(batch, frames, ahead, threads, firstStep));
            }
        }

        /** Every clip once. */
        public Settings(int batch, int frames, long seed, long firstStep, boolean shuffled, int threads, int ahead) {
            this(batch, frames, seed, firstStep, shuffled, threads, ahead, 1);
        }

        /** Shuffled batches from step 0 on, read by two threads, four ahead. */
        public static Settings of(int batch, int frames, long seed) {
            return new Settings(batch, frames, seed, 0, true, 2, 4);
        }

        /** The same from another step on. */
        public Settings from(long step) {
            return new Settings(batch, frames, seed, step, shuffled, threads, ahead, copies);
        }

        /** The same with other threads. */
        public Settings reading(int byThreads, int batchesAhead) {
            return new Settings(batch, frames, seed, firstStep, shuffled, byThreads, batchesAhead, copies);
        }

        /** The same with every clip several times in its batch. */
        public Settings copied(int times) {
            return new Settings(batch, frames, seed, firstStep, shuffled, threads, ahead, times);
        }
    }

    private record Pending(Batch batch, List<Future<?>> clips) {}

    /**
     * Starts to read.
     *
     * @param sources at least one; stay the caller's
     * @param classes names of the labels in the order of their numbers; empty: labels are left out
     * @throws IllegalArgumentException if a source has a label that is neither a class nor a class's number, or some weights are 0 and some are not
     */
    public BatchLoader(List<Weighted> sources, Augmentation augmentation, Settings settings, List<String> classes) {
        this.augmentation = augmentation;
        this.settings = settings;
        for (String name : classes) {
            if (this.classes.put(name, this.classes.size()) != null) {
                throw new IllegalArgumentException("classes: want each name once, got '%s' again".formatted(name));
            }
        }
        List<Integer> sizes = new ArrayList<>();
        List<Double> weights = new ArrayList<>();
        for (Weighted source : sources) {
            requireClasses(source.clips());
            this.sources.add(source.clips());
            this.lengths.add(source.frames() == 0 ? settings.frames() : source.frames());
            sizes.add(source.clips().size());
            if (source.weight() > 0) {
                weights.add(source.weight());
            }
        }
        if (sources.isEmpty() || sizes.contains(0)) {
            throw new IllegalArgumentException("batches: want clips in every source, got sizes " + sizes);
        }
        if (!weights.isEmpty() && weights.size() != sources.size()) {
            throw new IllegalArgumentException("weights: want one above 0 for every data set or for none, got %d of %d"
                    .formatted(weights.size(), sources.size()));
        }
        order = new SampleOrder(sizes, weights, settings.seed(), settings.shuffled());
        step = settings.firstStep();
        AtomicInteger number = new AtomicInteger();
        workers = Executors.newFixedThreadPool(settings.threads(), work -> {
            Thread thread = new Thread(work, "clips-" + number.getAndIncrement());
            thread.setDaemon(true);
            return thread;
        });
        while (pending.size() < settings.ahead()) {
            submit();
        }
    }

    private void requireClasses(ClipSource clips) {
        for (int i = 0; i < clips.size() && !classes.isEmpty(); i++) {
            Optional<String> label = clips.label(i);
            if (label.isPresent() && number(label) == Batch.NO_LABEL) {
                throw new IllegalArgumentException("label of %s: want one of the %d classes or its number, got '%s'"
                        .formatted(clips.name(i), classes.size(), label.get()));
            }
        }
    }

    /** The number of a class that is given by its name, or by its number as in the reference's lists. */
    private int number(Optional<String> label) {
        String name = label.orElse("");
        Integer byName = classes.get(name);
        if (byName != null) {
            return byName;
        }
        boolean digits = name.matches("\\d{1,9}");
        return digits && Integer.parseInt(name) < classes.size() ? Integer.parseInt(name) : Batch.NO_LABEL;
    }

    /** Clips of one epoch. */
    public int epochClips() {
        return order.size();
    }

    /** Clips that could not be read so far; each was replaced. */
    public long failures() {
        return failed.get();
    }

    /**
     * The next batch; waits for it.
     *
     * @return the caller's
     * @throws IOException if hardly anything can be read
     * @throws IllegalStateException if the loader was closed
     */
    public Batch next() throws IOException, InterruptedException {
        Pending head;
        synchronized (pending) {
            head = pending.peek();
            if (closed || head == null) {
                throw new IllegalStateException("batches: want an open loader, got a closed one");
            }
        }
        for (Future<?> clip : head.clips()) {
            await(clip);
        }
        synchronized (pending) {
            pending.poll();
            if (!closed) {
                submit();
            }
        }
        return head.batch();
    }

    private static void await(Future<?> clip) throws IOException, InterruptedException {
        try {
            clip.get();
        } catch (CancellationException e) {
            throw new IllegalStateException("batches: closed while waiting for the next", e);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            if (cause instanceof Error error) {
                throw error;
            }
            if (cause instanceof IOException) {
                throw new IOException(cause.getMessage(), e);
            }
            throw new IllegalStateException(e);
        }
    }

    /** Hands the next step's clips to the workers. */
    private void submit() {
        long first = step * settings.batch();
        Map<Integer, Integer> counts = new LinkedHashMap<>();
        lengths.forEach(length -> counts.put(length, 0));
        int[] rows = new int[settings.batch()];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = counts.merge(length(first + i), 1, Integer::sum) - 1;
        }
        Map<Integer, Clips> groups = new LinkedHashMap<>();
        counts.forEach((length, count) -> {
            if (count > 0) {
                groups.put(length, new Clips(count, length, new byte[Math.multiplyExact(count, clipBytes(length))]));
            }
        });
        Batch batch = new Batch(step++, settings.batch(), List.copyOf(groups.values()));
        List<Future<?>> clips = new ArrayList<>();
        for (int i = 0; i < settings.batch(); i += settings.copies()) {
            int clip = i;
            Clips group = Objects.requireNonNull(groups.get(length(first + i)));
            clips.add(workers.submit(() -> {
                fill(batch, clip, group, rows[clip]);
                return clip;
            }));
        }
        pending.add(new Pending(batch, clips));
    }

    /** Frames of the clip in a place, counted over all batches. */
    private int length(long place) {
        return lengths.get(order.at(place / settings.copies()).set());
    }

    private int clipBytes(int length) {
        return 3 * length * augmentation.crop() * augmentation.crop();
    }

    /** Reads a clip, and puts it and its copies into the batch from place {@code clip} on, into its group from {@code row} on. */
    private void fill(Batch batch, int clip, Clips group, int row) throws IOException {
        long position = (batch.step() * settings.batch() + clip) / settings.copies();
        for (int attempt = 0; !closed; attempt++) {
            SampleOrder.Pick pick = attempt == 0 ? order.at(position) : order.other(position, attempt);
            ClipSource source = sources.get(pick.set());
            // The pick has used the first numbers of random(position, attempt): this one is split off.
            SplittableRandom random = order.random(position, attempt).split();
            int count = tried.incrementAndGet();
            try {
                List<Picture> frames = source.frames(pick.index(), random);
                if (frames.size() != group.frames()) {
                    throw new IllegalArgumentException("clip %s: want %d frames, got %d"
                            .formatted(source.name(pick.index()), group.frames(), frames.size()));
                }
                int label = classes.isEmpty() ? Batch.NO_LABEL : number(source.label(pick.index()));
                for (int copy = 0; copy < settings.copies(); copy++) {
                    augmentation.apply(frames, random, group.pixels(), (row + copy) * clipBytes(group.frames()));
                    batch.set(clip + copy, label, source.name(pick.index()));
                }
                return;
            } catch (IOException e) {
                failed(source.name(pick.index()), e, count, attempt);
            }
        }
    }

    private void failed(String name, IOException error, int count, int attempt) throws IOException {
        if (closed) {
            return;
        }
        long failures = failed.incrementAndGet();
        if (count <= FIRST && failures > FIRST / 2) {
            throw new IOException(
                    "data: want most clips to be readable, got %d unreadable ones among the first %d; the last: %s"
                            .formatted(failures, count, error.getMessage()),
                    error);
        }
        if (attempt == MOST_ATTEMPTS) {
            throw new IOException(
                    "data: want a readable clip, got %d unreadable ones in a row; the last: %s"
                            .formatted(attempt + 1, error.getMessage()),
                    error);
        }
        if (named.size() < MOST_NAMED && named.add(name)) {
            LOG.warn("another clip takes the place of {}: {}", name, error.getMessage());
        } else if (named.size() == MOST_NAMED && named.add("")) {
            LOG.warn("{} clips could not be read; further ones are counted, not named", failures);
        }
    }

    /** Stops reading, and waits for the threads to end; may be called twice. */
    @Override
    public void close() {
        closed = true;
        workers.shutdownNow();
        synchronized (pending) {
            pending.forEach(batch -> batch.clips().forEach(clip -> clip.cancel(true)));
        }
        try {
            if (!workers.awaitTermination(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn("a clip is still being read {} s after the loader was closed", PATIENCE_SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
