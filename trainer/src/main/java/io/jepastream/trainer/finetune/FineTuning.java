package io.jepastream.trainer.finetune;

import ai.djl.ndarray.NDManager;
import io.jepastream.encoder.EncoderConfig;
import io.jepastream.encoder.EvalTransform;
import io.jepastream.encoder.PixelClip;
import io.jepastream.encoder.tensor.DeviceExecutor;
import io.jepastream.encoder.tensor.HostTensor;
import io.jepastream.probeheads.LabelScores;
import io.jepastream.probeheads.ProbeConfig;
import io.jepastream.trainer.data.Batch;
import io.jepastream.trainer.data.BatchLoader;
import io.jepastream.trainer.data.FrameCache;
import io.jepastream.trainer.data.FrameStep;
import io.jepastream.trainer.data.VideoClips;
import io.jepastream.trainer.data.VideoFile;
import io.jepastream.trainer.data.VideoSet;
import io.jepastream.trainer.eval.Accuracy;
import io.jepastream.trainer.eval.ClassNames;
import io.jepastream.trainer.eval.Protocol;
import io.jepastream.trainer.probe.FeatureReader;
import io.jepastream.trainer.probe.ProbeWeights;
import io.jepastream.trainer.schedule.Schedule;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.zip.CRC32;

/**
 * End-to-end fine-tuning (arXiv:2404.08471, appendix): AdamW, rates that decay over the layers, drop path, label
 * smoothing, warm-up and half a cosine; and where asked for RandAugment, erasing, repeated clips, mixup, CutMix and
 * dropout in the head. Reads downward: data, model, epochs, held-out accuracy, choice.
 */
public final class FineTuning {
    private static final int THREADS = 2;
    private static final int AHEAD = 4;

    private final FineTuneSettings settings;
    private final EncoderConfig encoder;
    private final ProbeConfig head;
    private final DeviceExecutor device;

    /**
     * How a run stands after an epoch.
     *
     * @param number from 1
     * @param loss in training, the mean over the epoch's steps
     * @param top1 held out, 0 to 1; each video once, centre view, its clip where the seed puts it
     * @param clipsPerSecond in training
     */
    public record Epoch(int number, double loss, double top1, double clipsPerSecond) {}

    /**
     * What a run comes to.
     *
     * @param weights after the best epoch by held-out top-1, the first of equals
     * @param best that epoch
     * @param last the last one
     */
    public record Result(FineTuneStep.Weights weights, Epoch best, Epoch last) {}

    /**
     * What a run learns from and is chosen by.
     *
     * @param classes of the labels of both sets, in the order of the logits
     */
    public record Sets(VideoSet train, VideoSet heldOut, ClassNames classes) {}

    /**
     * How a run can be stopped and gone on with.
     *
     * @param folder gets a checkpoint after each epoch; one that is there is gone on from
     * @param origin what tells the weights at the start from others
     * @param until the epoch after which to stop, 1 or more; the last one, or before
     */
    public record Stops(Path folder, String origin, int until) {
        public Stops {
            if (until < 1) {
                throw new IllegalArgumentException("stop-after: want 1 or more, got " + until);
            }
        }
    }

    /**
     * Prepares a run.
     *
     * @param head reads the encoder's own output
     * @param device the run's; the caller closes it
     */
    public FineTuning(FineTuneSettings settings, EncoderConfig encoder, ProbeConfig head, DeviceExecutor device) {
        if (!head.outLayers().isEmpty()) {
            throw new IllegalArgumentException(
                    "head: want one that reads the encoder's own output, got " + head.outLayers());
        }
        this.settings = settings;
        this.encoder = encoder;
        this.head = head;
        this.device = device;
    }

    /**
     * Runs to the end, without checkpoints.
     *
     * @param start the encoder's tensors by official name
     * @param listener told after every epoch
     * @throws IOException if videos cannot be read, or the loss is no number any more
     */
    public Result run(Map<String, HostTensor> start, Sets sets, Consumer<Epoch> listener)
            throws IOException, InterruptedException {
        return run(start, sets, settings.epochs(), Optional.empty(), listener);
    }

    /**
     * Runs, or goes on, to the end or to where it is to stop. What comes out does not depend on where it was stopped.
     *
     * @param start the encoder's tensors by official name
     * @param listener told after every epoch of this call, its checkpoint written
     * @return how the run stands; it is done if its last epoch is
     * @throws IOException if videos cannot be read, the loss is no number any more, or the checkpoint is of a run with
     *     other settings
     */
    public Result run(Map<String, HostTensor> start, Sets sets, Stops stops, Consumer<Epoch> listener)
            throws IOException, InterruptedException {
        FineTuneCheckpoints checkpoints = new FineTuneCheckpoints(stops.folder(), began(stops.origin(), sets));
        int until = Math.min(stops.until(), settings.epochs());
        return run(start, sets, until, Optional.of(checkpoints), listener);
    }

    private Result run(
            Map<String, HostTensor> start,
            Sets sets,
            int until,
            Optional<FineTuneCheckpoints> checkpoints,
            Consumer<Epoch> listener)
            throws IOException, InterruptedException {
        Optional<FineTuneCheckpoints.Saved> saved =
                checkpoints.isPresent() ? checkpoints.get().latest() : Optional.empty();
        Optional<Result> result = saved.map(FineTuneCheckpoints.Saved::result);
        int done = result.map(before -> before.last().number()).orElse(0);
        if (done >= until) {
            return result.orElseThrow();
        }
        FineTuneStep.State state = saved.map(FineTuneCheckpoints.Saved::state)
                .orElseGet(() -> FineTuneStep.State.fresh(
                        new FineTuneStep.Weights(start, ProbeWeights.draw(head, settings.seed()))));
        int epochSteps = settings.epochSteps(sets.train().videos().size());
        FineTuneStep step = step(state);
        try (BatchLoader batches = batches(sets, (long) done * epochSteps)) {
            for (int number = done + 1; number <= until; number++) {
                Epoch now = epoch(step, batches, sets, number);
                Result so = better(step, result, now);
                if (checkpoints.isPresent()) {
                    checkpoints.get().write(device.call(scope -> step.state()), so);
                }
                result = Optional.of(so);
                listener.accept(now);
            }
            return result.orElseThrow();
        } finally {
            device.call(scope -> {
                step.close();
                return true;
            });
        }
    }

    /** Whether a run can go on in this folder. */
    public static boolean hasCheckpoint(Path folder) throws IOException {
        return FineTuneCheckpoints.files(folder).latest().isPresent();
    }

    /** Removes the checkpoints of a run whose result is safe. */
    public static void removeCheckpoints(Path folder) throws IOException {
        FineTuneCheckpoints.files(folder).remove();
    }

    private FineTuneStep step(FineTuneStep.State state) {
        return device.call(scope -> new FineTuneStep(
                device.root().newSubManager(),
                encoder,
                head,
                settings.precision(),
                new LayerDecay(settings.layerDecay(), encoder.depth()),
                dropPath(),
                state));
    }

    /** All that the weights after an epoch depend on, but the number of threads and the videos' contents. */
    private Map<String, String> began(String origin, Sets sets) {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("model", origin);
        all.put("head", head.toString());
        all.put("classes", String.join(",", sets.classes().names()));
        all.put("videos", described(sets.train()));
        all.put("held out", described(sets.heldOut()));
        all.putAll(settings.described());
        return all;
    }

    /** How many videos, and a sum over their labels and names; their folder may have been moved. */
    private static String described(VideoSet set) {
        CRC32 sum = new CRC32();
        for (VideoSet.Video video : set.videos()) {
            String line = video.label().orElse("") + "/" + video.file().getFileName() + "\n";
            sum.update(line.getBytes(StandardCharsets.UTF_8));
        }
        return "%d (%08x)".formatted(set.videos().size(), sum.getValue());
    }

    private Epoch epoch(FineTuneStep step, BatchLoader batches, Sets sets, int number)
            throws IOException, InterruptedException {
        int steps = settings.epochSteps(sets.train().videos().size());
        long started = System.nanoTime();
        double loss = epoch(step, batches, settings.schedule(steps), (long) (number - 1) * steps, steps);
        double clips = (double) steps * settings.batch() * 1e9 / (System.nanoTime() - started);
        return new Epoch(number, loss, accuracy(step, sets.heldOut(), sets.classes()), clips);
    }

    private Result better(FineTuneStep step, Optional<Result> before, Epoch now) {
        if (before.isPresent() && now.top1() <= before.get().best().top1()) {
            return new Result(before.get().weights(), before.get().best(), now);
        }
        return new Result(device.call(scope -> step.weights()), now, now);
    }

    private DropPath dropPath() {
        return new DropPath(settings.regular().dropPath(), encoder.depth());
    }

    /** Clips from a step on, counted from 0. */
    private BatchLoader batches(Sets sets, long firstStep) {
        VideoClips.Sampling sampling = VideoClips.Sampling.pretraining(
                encoder.numFrames(), FrameStep.every(settings.clips().frameStep()));
        FrameCache cache = FrameCache.none(
                FrameCache.Settings.forCrop(settings.clips().view().crop()).shortSide());
        VideoClips clips = new VideoClips(sets.train(), cache, sampling);
        return new BatchLoader(
                List.of(new BatchLoader.Weighted(clips, 0)),
                settings.clips().view(),
                BatchLoader.Settings.of(settings.batch(), encoder.numFrames(), settings.seed())
                        .reading(THREADS, AHEAD)
                        .copied(settings.clips().repeats())
                        .from(firstStep),
                sets.classes().names());
    }

    /** The mean loss of an epoch after {@code done} steps. */
    private double epoch(FineTuneStep step, BatchLoader batches, Schedule rate, long done, int steps)
            throws IOException, InterruptedException {
        double sum = 0;
        for (long number = done + 1; number <= done + steps; number++) {
            Batch batch = batches.next();
            Minibatch mixed = mixed(batch, number);
            FineTuneStep.Hyper hyper = new FineTuneStep.Hyper(
                    rate.at(number), settings.weightDecay(), settings.regular().smoothing());
            FineTuneStep.Outcome outcome = device.call(scope -> step.step(scope, mixed, hyper));
            if (!Double.isFinite(outcome.loss())) {
                throw new IOException("step %d: want a loss that is a number, got %s; rate %s"
                        .formatted(number, outcome.loss(), hyper.learningRate()));
            }
            sum += outcome.loss();
        }
        return sum / steps;
    }

    /** A batch as step {@code number} sees it; its pixels are mixed in place. */
    private Minibatch mixed(Batch batch, long number) {
        // Of this very step, so that what is drawn does not depend on what was before.
        SplittableRandom random = new SplittableRandom(settings.seed() * 1_000_003 + number);
        float[] branches = dropPath().draw(batch.size(), random);
        float[] features = settings.regular().headDropout().draw(batch.size() * head.embedDim(), random);
        Mixing.Drawn drawn = settings.regular().mixing().draw(encoder.imgHeight(), random);
        if (drawn.own() < 1) {
            Mixing.mix(batch.pixels(), batch.size(), encoder.imgHeight(), drawn);
        }
        float[] targets = Mixing.targets(batch.labels(), head.numClasses(), drawn.own());
        return new Minibatch(batch.size(), batch.pixels(), targets, branches, features);
    }

    private double accuracy(FineTuneStep step, VideoSet heldOut, ClassNames classes) throws IOException {
        Protocol protocol =
                new Protocol(1, 1, encoder.numFrames(), settings.clips().frameStep(), true, settings.seed());
        EvalTransform transform = new EvalTransform(encoder.imgHeight());
        Accuracy accuracy = new Accuracy(classes.names());
        List<VideoSet.Video> videos = heldOut.videos();
        for (int from = 0; from < videos.size(); from += settings.batch()) {
            List<VideoSet.Video> some = videos.subList(from, Math.min(videos.size(), from + settings.batch()));
            List<PixelClip> clips = new ArrayList<>();
            for (VideoSet.Video video : some) {
                clips.add(protocol.clips(new VideoFile(video.file()), transform, FeatureReader.number(video.file()))
                        .get(0)
                        .get(0));
            }
            float[] logits = device.call(scope -> scores(scope, step, clips));
            int wide = logits.length / some.size();
            for (int i = 0; i < some.size(); i++) {
                float[] own = Arrays.copyOfRange(logits, i * wide, (i + 1) * wide);
                accuracy.add(
                        LabelScores.mean(new float[][] {own}),
                        some.get(i).label().orElse(""));
            }
        }
        return accuracy.top1();
    }

    private static float[] scores(NDManager scope, FineTuneStep step, List<PixelClip> clips) {
        int length = clips.get(0).length();
        byte[] pixels = new byte[clips.size() * length];
        for (int i = 0; i < clips.size(); i++) {
            clips.get(i).copyTo(pixels, i * length);
        }
        return step.scores(scope, pixels, clips.size());
    }
}
