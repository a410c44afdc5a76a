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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Consumer;

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
     * Runs to the end.
     *
     * @param start the encoder's tensors by official name
     * @param classes of the labels of both sets, in the order of the logits
     * @param listener told after every epoch
     * @throws IOException if videos cannot be read, or the loss is no number any more
     */
    public Result run(
            Map<String, HostTensor> start,
            VideoSet train,
            VideoSet heldOut,
            ClassNames classes,
            Consumer<Epoch> listener)
            throws IOException, InterruptedException {
        FineTuneStep.Weights first = new FineTuneStep.Weights(start, ProbeWeights.draw(head, settings.seed()));
        FineTuneStep step = device.call(scope -> new FineTuneStep(
                device.root().newSubManager(),
                encoder,
                head,
                settings.precision(),
                new LayerDecay(settings.layerDecay(), encoder.depth()),
                dropPath(),
                FineTuneStep.State.fresh(first)));
        try (BatchLoader batches = batches(train, classes)) {
            int epochSteps = settings.epochSteps(train.videos().size());
            Schedule rate = settings.schedule(epochSteps);
            Optional<Result> result = Optional.empty();
            for (int number = 1; number <= settings.epochs(); number++) {
                long started = System.nanoTime();
                double loss = epoch(step, batches, rate, (long) (number - 1) * epochSteps, epochSteps);
                double clips = (double) epochSteps * settings.batch() * 1e9 / (System.nanoTime() - started);
                Epoch now = new Epoch(number, loss, accuracy(step, heldOut, classes), clips);
                result = Optional.of(better(step, result, now));
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

    private Result better(FineTuneStep step, Optional<Result> before, Epoch now) {
        if (before.isPresent() && now.top1() <= before.get().best().top1()) {
            return new Result(before.get().weights(), before.get().best(), now);
        }
        return new Result(device.call(scope -> step.weights()), now, now);
    }

    private DropPath dropPath() {
        return new DropPath(settings.regular().dropPath(), encoder.depth());
    }

    private BatchLoader batches(VideoSet train, ClassNames classes) {
        VideoClips.Sampling sampling = VideoClips.Sampling.pretraining(
                encoder.numFrames(), FrameStep.every(settings.clips().frameStep()));
        FrameCache cache = FrameCache.none(
                FrameCache.Settings.forCrop(settings.clips().view().crop()).shortSide());
        VideoClips clips = new VideoClips(train, cache, sampling);
        return new BatchLoader(
                List.of(new BatchLoader.Weighted(clips, 0)),
                settings.clips().view(),
                BatchLoader.Settings.of(settings.batch(), encoder.numFrames(), settings.seed())
                        .reading(THREADS, AHEAD)
                        .copied(settings.clips().repeats()),
                classes.names());
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
