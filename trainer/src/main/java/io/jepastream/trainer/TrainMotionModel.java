package io.jepastream.trainer;

import ai.djl.Device;
import io.jepastream.encoder.EncoderConfig;
import io.jepastream.encoder.Family;
import io.jepastream.encoder.ModelBundle;
import io.jepastream.encoder.tensor.DeviceExecutor;
import io.jepastream.encoder.tensor.HostTensor;
import io.jepastream.encoder.tensor.Precision;
import io.jepastream.ingest.synth.CameraMotion;
import io.jepastream.probeheads.Heads;
import io.jepastream.probeheads.ProbeConfig;
import io.jepastream.trainer.eval.ConfusionMatrix;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Trains the default model: a small encoder and its {@code camera-motion} head, together, on generated clips. Reads from
 * top to bottom: settings, model, data, loop, validation, files.
 *
 * <p>On a machine that does other work too, set {@code OMP_WAIT_POLICY=PASSIVE}: the arithmetic's threads otherwise
 * spin while they wait for each other, and renderers and trainer slow each other down several times.
 */
public final class TrainMotionModel {
    private static final Logger LOG = LoggerFactory.getLogger(TrainMotionModel.class);

    static final EncoderConfig ENCODER = EncoderConfig.builder(Family.VJEPA2)
            .imgSize(112)
            .patchSize(16)
            .numFrames(MotionClips.SLOTS)
            .tubeletSize(2)
            .embedDim(192)
            .depth(4)
            .numHeads(3)
            .build();
    static final ProbeConfig HEAD = new ProbeConfig(
            ProbeConfig.Kind.ATTENTIVE_V2, ENCODER.embedDim(), 3, 4, 1, CameraMotion.values().length, 1e-5);

    static final String HEAD_NAME = "camera-motion";

    private static final int BATCH = 32;
    private static final int WARMUP = 80;
    private static final double PEAK_RATE = 2e-3;
    /** Of a run that goes on from trained weights; the first peak would undo them. */
    private static final double LATER_PEAK_RATE = 8e-4;

    private static final double LAST_RATE = 1e-5;
    private static final double WEIGHT_DECAY = 0.05;
    private static final double GRADIENT_LIMIT = 1;
    private static final double SMOOTHING = 0.05;
    private static final double MEAN_DECAY = 0.99;
    /** Share of the steps that see half of the places only, which halves their cost. */
    private static final double SPARSE_SHARE = 0.85;

    private static final int LOG_EVERY = 25;
    private static final int VALIDATE_EVERY = 1000;
    private static final long HELD_OUT = 1L << 40; // clip numbers that no training run reaches

    private TrainMotionModel() {}

    /**
     * Runs it.
     *
     * @param args output directory, number of steps, seed, and optionally the bundle whose weights to go on from, and
     *     then the share of steps that see half of the places (default 0.85)
     */
    public static void main(String[] args) throws IOException, InterruptedException {
        if (args.length < 3 || args.length > 5) {
            throw new IllegalArgumentException(
                    "want OUTPUT_DIRECTORY STEPS SEED [BUNDLE [SPARSE_SHARE]], got " + String.join(" ", args));
        }
        Path out = Path.of(args[0]);
        int steps = Integer.parseInt(args[1]);
        long seed = Long.parseLong(args[2]);
        double peak = args.length > 3 ? LATER_PEAK_RATE : PEAK_RATE;
        double sparse = args.length > 4 ? Double.parseDouble(args[4]) : SPARSE_SHARE;
        Map<String, HostTensor> known = args.length > 3 ? weights(Path.of(args[3])) : Map.of();

        ClipPool.Settings draw = new ClipPool.Settings(seed, BATCH, 256, 4, steps, 1);
        try (DeviceExecutor device =
                        new DeviceExecutor(Device.cpu(), Runtime.getRuntime().availableProcessors());
                ClipPool pool = new ClipPool(draw, ENCODER.imgHeight())) {
            SupervisedStep model =
                    device.call(scope -> new SupervisedStep(device.root(), ENCODER, HEAD, Precision.BF16, seed, known));
            SplittableRandom random = new SplittableRandom(seed);
            double loss = 0;
            double right = 0;
            long started = System.nanoTime();
            for (int step = 0; step < steps; step++) {
                ClipPool.Batch batch = pool.next();
                long[] kept = kept(random, step < sparse * steps);
                SupervisedStep.Hyper hyper = new SupervisedStep.Hyper(
                        rate(step, steps, peak),
                        WEIGHT_DECAY,
                        GRADIENT_LIMIT,
                        SMOOTHING,
                        Math.min(MEAN_DECAY, step / (step + 10.0)));
                SupervisedStep.Outcome outcome = device.call(scope -> model.step(scope, batch, kept, hyper));
                if (!Double.isFinite(outcome.loss())) {
                    throw new IllegalStateException("step %d: want a finite loss, got %s".formatted(step, outcome));
                }
                loss += outcome.loss() / LOG_EVERY;
                right += outcome.accuracy() / LOG_EVERY;
                if ((step + 1) % LOG_EVERY == 0) {
                    double seconds = (System.nanoTime() - started) / 1e9;
                    log(
                            "step %5d  loss %.3f  right %.3f  gradient %.2f  rate %.2e  %.1f clips/s  %.0f s",
                            step + 1,
                            loss,
                            right,
                            outcome.gradient(),
                            hyper.learningRate(),
                            BATCH * (step + 1) / seconds,
                            seconds);
                    loss = 0;
                    right = 0;
                }
                if ((step + 1) % VALIDATE_EVERY == 0 || step + 1 == steps) {
                    ConfusionMatrix confusion = validate(device, model, step + 1 == steps ? 900 : 180);
                    log("held out after %d steps: %.4f right%n%s", step + 1, confusion.accuracy(), confusion.table());
                    MotionBundle.write(
                            out,
                            device.call(scope -> model.encoderWeights()),
                            device.call(scope -> model.headWeights()),
                            "jepa model train-default --steps %d --seed %d".formatted(steps, seed));
                }
            }
        }
    }

    private static Map<String, HostTensor> weights(Path directory) throws IOException {
        ModelBundle bundle = ModelBundle.read(directory);
        Map<String, HostTensor> all = new LinkedHashMap<>(bundle.encoderState());
        all.putAll(Heads.open(bundle, List.of(HEAD_NAME)).get(0).state());
        return all;
    }

    private static void log(String format, Object... values) {
        LOG.info("{}", String.format(Locale.ROOT, format, values));
    }

    /** Linear warm-up, then a cosine down to the last rate. */
    static double rate(int step, int steps, double peak) {
        if (step < WARMUP) {
            return peak * (step + 1) / WARMUP;
        }
        double way = (step - WARMUP) / Math.max(1.0, steps - WARMUP);
        return LAST_RATE + (peak - LAST_RATE) * 0.5 * (1 + Math.cos(Math.PI * way));
    }

    /** Token ids of one batch: all of them, or those of a random half of the places at every time. */
    private static long[] kept(SplittableRandom random, boolean sparse) {
        int plane = ENCODER.gridHeight() * ENCODER.gridWidth();
        int places = sparse ? (plane + 1) / 2 : plane;
        long[] ids = new long[BATCH * ENCODER.gridTime() * places];
        int at = 0;
        for (int b = 0; b < BATCH; b++) {
            int[] chosen =
                    random.ints(0, plane).distinct().limit(places).sorted().toArray();
            for (int t = 0; t < ENCODER.gridTime(); t++) {
                for (int place : chosen) {
                    ids[at++] = (long) t * plane + place;
                }
            }
        }
        return ids;
    }

    private static ConfusionMatrix validate(DeviceExecutor device, SupervisedStep model, int clips) {
        ConfusionMatrix confusion = new ConfusionMatrix(MotionClips.labels());
        try (MotionClips source = new MotionClips(ENCODER.imgHeight())) {
            for (int from = 0; from < clips; from += BATCH) {
                int b = Math.min(BATCH, clips - from);
                byte[] pixels = new byte[0];
                int[] labels = new int[b];
                for (int i = 0; i < b; i++) {
                    MotionClips.Labelled clip = source.clip(HELD_OUT + from + i);
                    pixels = i == 0 ? new byte[b * clip.clip().length()] : pixels;
                    clip.clip().copyTo(pixels, i * clip.clip().length());
                    labels[i] = clip.label();
                }
                byte[] batch = pixels;
                confusion.add(labels, device.call(scope -> model.scores(scope, batch, b)));
            }
        }
        return confusion;
    }
}
