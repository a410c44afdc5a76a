package io.jepastream.trainer.pretrain;

import io.jepastream.encoder.tensor.DeviceExecutor;
import io.jepastream.trainer.data.Clips;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A pretraining run: clips, masks, step, schedules, and what it leaves on disk. After a restart it goes on from its
 * latest checkpoint to the same weights as without one.
 *
 * <p>On several devices a step's batches are dealt out in turn, one to a device in each pass: N devices see in A passes the
 * batches that one device sees in N A passes.
 */
public final class Pretraining implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Pretraining.class);

    private final Recipe recipe;
    private final List<DeviceMasks> masks = new ArrayList<>();
    private final Checkpoints checkpoints;
    private final Replicas replicas;
    private final RunLog log;
    private Collapse richness = new Collapse(Double.NaN, Double.NaN, Double.NaN, Double.NaN);
    private long done;
    private volatile boolean stopping;

    /** How a run stands after a step. */
    public record Progress(
            long step, long steps, PretrainStep.Loss loss, double effectiveRank, double clipsPerSecond) {}

    /** As {@link #Pretraining(Recipe, List, Path, boolean)}, on one device. */
    public Pretraining(Recipe recipe, DeviceExecutor device, Path directory, boolean resume) throws IOException {
        this(recipe, List.of(device), directory, resume);
    }

    /**
     * Starts a run, from the checkpoint that {@link RunDirectory#from} names or drawn weights, or goes on with the one in
     * the directory.
     *
     * @param devices the run's, at least one; the caller closes them after the run
     * @param directory of checkpoints, metrics and pictures; exists
     * @param resume whether to go on from the latest checkpoint, if there is one
     * @throws IOException if the checkpoint cannot be read, or is of a run on another number of devices
     */
    public Pretraining(Recipe recipe, List<DeviceExecutor> devices, Path directory, boolean resume) throws IOException {
        this.recipe = recipe;
        this.checkpoints = new Checkpoints(directory, recipe.config().run().keep());
        Optional<Checkpoints.Saved> saved = resume ? checkpoints.latest() : Optional.empty();
        if (saved.isPresent() && saved.get().random().size() != devices.size()) {
            throw new IOException("%s: want the %d devices that the run began on, got %d"
                    .formatted(directory, saved.get().random().size(), devices.size()));
        }
        this.done = saved.map(Checkpoints.Saved::step).orElse(0L);
        for (int rank = 0; rank < devices.size(); rank++) {
            DeviceMasks own = new DeviceMasks(
                    recipe,
                    saved.isPresent()
                            ? saved.get().random().get(rank)
                            : DeviceMasks.random(recipe.config().seed(), rank));
            own.skip(done * recipe.config().data().accumulate());
            masks.add(own);
        }
        TrainingState start = saved.isPresent() ? saved.get().state() : first(directory);
        this.replicas = new Replicas(recipe, devices, start);
        this.log = new RunLog(directory, done);
    }

    /** What a run begins with: the checkpoint that its folder names, or drawn weights. */
    private TrainingState first(Path directory) throws IOException {
        Optional<Path> from = new RunDirectory(directory).from();
        return from.isPresent() ? Predecessor.read(from.get(), recipe).state() : recipe.draw();
    }

    /** Steps that are done. */
    public long done() {
        return done;
    }

    /** Ends the run after the step that is being done, with a checkpoint; from any thread. */
    public void stop() {
        stopping = true;
    }

    /** What has been learnt so far. */
    public TrainingState state() {
        return replicas.state();
    }

    /**
     * Runs to the end.
     *
     * @param opener gives the clips
     * @param until steps after which to stop; the end of the run, or before
     * @param listener told after every step
     * @throws IOException if data or disk fail
     * @throws TrainingFailedException if loss or gradients are no numbers, or the features collapse and the run is told
     *     to stop then; the last checkpoint stays
     */
    public void run(ClipBatches.Opener opener, long until, Consumer<Progress> listener)
            throws IOException, InterruptedException {
        PretrainConfig.Data data = recipe.config().data();
        long steps = Math.min(until, recipe.config().optimization().steps());
        try (ClipBatches batches = opener.open(done * data.accumulate() * replicas.count())) {
            while (done < steps && !stopping) {
                long started = System.nanoTime();
                RunLog.Row row = once(batches, done + 1, started);
                done++;
                log.add(row);
                if (done % recipe.config().run().checkpointEvery() == 0 || done == steps) {
                    save();
                }
                listener.accept(new Progress(
                        done,
                        recipe.config().optimization().steps(),
                        row.loss(),
                        richness.effectiveRank(),
                        row.clipsPerSecond()));
            }
            if (stopping) {
                save();
            }
        }
    }

    private RunLog.Row once(ClipBatches batches, long number, long started) throws IOException, InterruptedException {
        PretrainConfig.Data data = recipe.config().data();
        boolean measure = (number - 1) % recipe.config().run().collapseEvery() == 0;
        double[] sums = new double[4];
        int clips = 0;
        for (int pass = 0; pass < data.accumulate(); pass++) {
            List<List<Part>> parts = parts(batches);
            if (pass == 0 && measure) {
                richness = replicas.measure(most(parts.get(0)));
            }
            List<List<PretrainStep.Loss>> losses = replicas.accumulate(parts, recipe.contextWeight(number));
            for (int rank = 0; rank < parts.size(); rank++) {
                for (int i = 0; i < parts.get(rank).size(); i++) {
                    Part part = parts.get(rank).get(i);
                    add(sums, number, losses.get(rank).get(i), part.share());
                    clips += part.clips().count();
                }
            }
        }
        if (measure) {
            watch(number);
        }
        PretrainStep.Hyper hyper = recipe.hyper(number);
        PretrainStep.Norms norms = replicas.update(hyper);
        if (!norms.finite()) {
            throw new TrainingFailedException(
                    "step %d: want gradients that are numbers, got norms %s; loss %s, rate %s. The latest checkpoint is untouched"
                            .formatted(number, norms, sums[0], hyper.learningRate()));
        }
        return new RunLog.Row(
                number,
                new PretrainStep.Loss(sums[0], sums[1], sums[2], sums[3]),
                hyper,
                norms,
                richness.effectiveRank(),
                richness.spread(),
                richness.clipSpread(),
                clips * 1e9 / (System.nanoTime() - started));
    }

    /** What each device does in a pass: batches come in the order of the devices. */
    private List<List<Part>> parts(ClipBatches batches) throws IOException, InterruptedException {
        double share = 1.0 / (recipe.config().data().accumulate() * replicas.count());
        List<List<Part>> parts = new ArrayList<>();
        for (DeviceMasks own : masks) {
            parts.add(own.next(batches.next(), share));
        }
        return parts;
    }

    /** The clips that features are measured on: those of the length with the most frames in all. */
    private static Clips most(List<Part> parts) {
        Clips most = parts.get(0).clips();
        for (Part part : parts) {
            Clips clips = part.clips();
            most = clips.count() * clips.frames() > most.count() * most.frames() ? clips : most;
        }
        return most;
    }

    private void add(double[] sums, long number, PretrainStep.Loss loss, double share) {
        if (!Double.isFinite(loss.total())) {
            throw new TrainingFailedException(
                    "step %d: want a loss that is a number, got %s; rate %s. The latest checkpoint is untouched"
                            .formatted(number, loss, recipe.hyper(number).learningRate()));
        }
        sums[0] += loss.total() * share;
        sums[1] += loss.prediction() * share;
        sums[2] += loss.context() * share;
        sums[3] += loss.spread() * share;
    }

    private void watch(long number) {
        if (richness.isCollapsed(recipe.encoder().embedDim())) {
            String what = "step %d: the target encoder's features look collapsed: %s".formatted(number, richness);
            LOG.warn("{}", what);
            if (recipe.config().run().stopOnCollapse()) {
                throw new TrainingFailedException(what);
            }
        }
    }

    private void save() throws IOException {
        Path file = checkpoints.write(
                done, state(), masks.stream().map(DeviceMasks::random).toList());
        log.draw();
        LOG.debug("step {}: {}", done, file);
    }

    @Override
    public void close() throws IOException {
        try {
            replicas.close();
        } finally {
            log.close();
        }
    }
}
