package io.jepastream.trainer.pretrain;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.jepastream.encoder.EncoderConfig;
import io.jepastream.encoder.tensor.DeviceExecutor;
import io.jepastream.encoder.tensor.Kernel;
import io.jepastream.trainer.mask.MaskPair;
import io.jepastream.trainer.mask.Masks;
import io.jepastream.trainer.mask.TorchRandom;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A pretraining run: clips, masks, step, schedules, and what it leaves on disk. After a restart it goes on from its
 * latest checkpoint to the same weights as without one.
 */
public final class Pretraining implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Pretraining.class);

    private final Recipe recipe;
    private final DeviceExecutor device;
    private final List<Masks> masks;
    private final Checkpoints checkpoints;
    private final TorchRandom random;
    private final PretrainStep step;
    private final Kernel collapse;
    private final RunLog log;
    private Collapse richness = new Collapse(Double.NaN, Double.NaN, Double.NaN, Double.NaN);
    private long done;
    private volatile boolean stopping;

    /** How a run stands after a step. */
    public record Progress(
            long step, long steps, PretrainStep.Loss loss, double effectiveRank, double clipsPerSecond) {}

    /**
     * Starts a run, or goes on with the one in the directory.
     *
     * @param device the run's; the caller closes it after the run
     * @param directory of checkpoints, metrics and pictures; exists
     * @param resume whether to go on from the latest checkpoint, if there is one
     * @throws IOException if the checkpoint cannot be read
     */
    public Pretraining(Recipe recipe, DeviceExecutor device, Path directory, boolean resume) throws IOException {
        this.recipe = recipe;
        this.device = device;
        this.masks = recipe.masks();
        this.checkpoints = new Checkpoints(directory, recipe.config().run().keep());
        Optional<Checkpoints.Saved> saved = resume ? checkpoints.latest() : Optional.empty();
        long seed = recipe.config().seed();
        TrainingState start = saved.map(Checkpoints.Saved::state).orElseGet(recipe::draw);
        this.random = saved.map(Checkpoints.Saved::random).orElseGet(() -> new TorchRandom(seed));
        this.done = saved.map(Checkpoints.Saved::step).orElse(0L);
        masks.forEach(source -> source.skip(done * recipe.config().data().accumulate()));
        this.step = device.call(scope -> new PretrainStep(
                device.root(),
                recipe.encoder(),
                recipe.predictor(),
                recipe.objective(),
                recipe.precision(device.device().isGpu()),
                start));
        this.collapse = device.call(scope -> Collapse.kernel(device.root()));
        this.log = new RunLog(directory, done);
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
        return device.call(scope -> step.state());
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
        try (ClipBatches batches = opener.open(done * data.accumulate())) {
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
        for (int part = 0; part < data.accumulate(); part++) {
            byte[] pixels = batches.next();
            boolean first = part == 0 && measure;
            PretrainStep.Loss loss = device.call(scope -> part(scope, pixels, number, first));
            if (!Double.isFinite(loss.total())) {
                throw new TrainingFailedException(
                        "step %d: want a loss that is a number, got %s; rate %s. The latest checkpoint is untouched"
                                .formatted(number, loss, recipe.hyper(number).learningRate()));
            }
            sums[0] += loss.total() / data.accumulate();
            sums[1] += loss.prediction() / data.accumulate();
            sums[2] += loss.context() / data.accumulate();
            sums[3] += loss.spread() / data.accumulate();
        }
        if (measure) {
            watch(number);
        }
        PretrainStep.Hyper hyper = recipe.hyper(number);
        PretrainStep.Norms norms = device.call(scope -> step.update(scope, hyper));
        if (!norms.finite()) {
            throw new TrainingFailedException(
                    "step %d: want gradients that are numbers, got norms %s; loss %s, rate %s. The latest checkpoint is untouched"
                            .formatted(number, norms, sums[0], hyper.learningRate()));
        }
        double clips = (double) data.batchSize() * data.accumulate() * 1e9 / (System.nanoTime() - started);
        return new RunLog.Row(
                number,
                new PretrainStep.Loss(sums[0], sums[1], sums[2], sums[3]),
                hyper,
                norms,
                richness.effectiveRank(),
                richness.spread(),
                richness.clipSpread(),
                clips);
    }

    private PretrainStep.Loss part(NDManager scope, byte[] pixels, long number, boolean measure) {
        EncoderConfig encoder = recipe.encoder();
        int batch = recipe.config().data().batchSize();
        Shape shape = new Shape(batch, encoder.inChans(), encoder.numFrames(), encoder.imgHeight(), encoder.imgWidth());
        if (pixels.length != shape.size()) {
            throw new IllegalArgumentException("batch: want %d bytes, got %d".formatted(shape.size(), pixels.length));
        }
        NDArray clip = scope.create(ByteBuffer.wrap(pixels), shape, DataType.UINT8);
        List<MaskPair> pairs =
                masks.stream().map(source -> source.next(batch, random)).toList();
        if (measure) {
            richness = Collapse.of(scope, collapse, step.features(scope, clip));
        }
        double share = 1.0 / recipe.config().data().accumulate();
        return step.accumulate(scope, clip, pairs, 0, share, recipe.contextWeight(number));
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
        Path file = checkpoints.write(done, state(), random);
        log.draw();
        LOG.debug("step {}: {}", done, file);
    }

    @Override
    public void close() throws IOException {
        device.call(scope -> {
            step.close();
            collapse.close();
            return true;
        });
        log.close();
    }
}
