package io.jepastream.trainer.finetune;

import io.jepastream.encoder.tensor.Precision;
import io.jepastream.trainer.augment.TrainingView;
import io.jepastream.trainer.data.RandomView;
import io.jepastream.trainer.schedule.Schedule;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How an encoder is fine-tuned.
 *
 * @param epochs passes over the training videos
 * @param warmup epochs over which the rate climbs from a hundredth
 * @param batch clips of a step, copies included
 * @param rate peak learning rate; it falls to a hundredth by half a cosine
 * @param layerDecay see {@link LayerDecay}
 * @param weightDecay of matrices
 * @param regular what keeps it from learning by heart
 * @param clips what it sees
 * @param precision of matrix products
 * @param seed of the head's first weights, the order, the crops, what is mixed and what is dropped
 */
public record FineTuneSettings(
        int epochs,
        double warmup,
        int batch,
        double rate,
        double layerDecay,
        double weightDecay,
        Regularisation regular,
        Clips clips,
        Precision precision,
        long seed) {
    /** Start and end of the rate, of its peak: 1e-6 and 1e-6 of 2e-3 in the paper, nearer here for short runs. */
    private static final double LEAST = 0.01;

    /**
     * What keeps a model from learning its videos by heart.
     *
     * @param dropPath see {@link DropPath}
     * @param headDropout see {@link HeadDropout}
     * @param smoothing share of the truth spread over all classes, 0 to below 1
     * @param mixing of the clips of a batch
     */
    public record Regularisation(double dropPath, HeadDropout headDropout, double smoothing, Mixing mixing) {
        public Regularisation {
            require(smoothing >= 0 && smoothing < 1, "label-smoothing: want 0 to below 1", smoothing);
        }

        /** Drop path and label smoothing alone. */
        public static Regularisation of(double dropPath, double smoothing) {
            return new Regularisation(dropPath, new HeadDropout(0), smoothing, Mixing.NONE);
        }
    }

    /**
     * What a model sees.
     *
     * @param view how training clips are varied
     * @param frameStep frames of the video from one of the clip to the next
     * @param repeats how often each clip is in its batch, varied anew each time; 1 or more
     */
    public record Clips(TrainingView view, int frameStep, int repeats) {
        public Clips {
            require(frameStep > 0, "frame-step: want 1 or more", frameStep);
            require(repeats > 0, "repeat-videos: want 1 or more", repeats);
        }

        /** Crops alone, each clip once. */
        public static Clips of(RandomView view, int frameStep) {
            return new Clips(TrainingView.of(view), frameStep, 1);
        }
    }

    public FineTuneSettings {
        require(epochs > 0, "epochs: want 1 or more", epochs);
        require(warmup >= 0 && warmup <= epochs, "warmup-epochs: want 0 to all epochs", warmup);
        require(batch > 0, "batch: want 1 or more", batch);
        require(batch % clips.repeats() == 0, "batch: want a multiple of repeat-videos, " + clips.repeats(), batch);
        require(rate > 0, "lr: want a rate above 0", rate);
        require(weightDecay >= 0, "weight-decay: want 0 or more", weightDecay);
    }

    private static void require(boolean condition, String wanted, Object got) {
        if (!condition) {
            throw new IllegalArgumentException("%s, got %s".formatted(wanted, got));
        }
    }

    /** Every setting by the name that the command line has for it. */
    Map<String, String> described() {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("epochs", Integer.toString(epochs));
        all.put("warmup-epochs", Double.toString(warmup));
        all.put("batch", Integer.toString(batch));
        all.put("lr", Double.toString(rate));
        all.put("layer-decay", Double.toString(layerDecay));
        all.put("weight-decay", Double.toString(weightDecay));
        all.put("drop-path", Double.toString(regular.dropPath()));
        all.put("head-dropout", Double.toString(regular.headDropout().rate()));
        all.put("label-smoothing", Double.toString(regular.smoothing()));
        all.put("mixup", Double.toString(regular.mixing().mixup()));
        all.put("cutmix", Double.toString(regular.mixing().cutmix()));
        all.put("rand-augment", clips.view().operations().toString());
        all.put("erase", Double.toString(clips.view().erasing().probability()));
        all.put("view", clips.view().view().toString());
        all.put("frame-step", Integer.toString(clips.frameStep()));
        all.put("repeat-videos", Integer.toString(clips.repeats()));
        all.put("precision", precision.toString());
        all.put("seed", Long.toString(seed));
        return all;
    }

    /** Steps in which {@code videos} come once each. */
    int epochSteps(int videos) {
        int each = batch / clips.repeats();
        return (videos + each - 1) / each;
    }

    /** The learning rate of every step, where an epoch has so many. */
    Schedule schedule(int epochSteps) {
        long warm = Math.round(warmup * epochSteps);
        return Schedule.warmupCosine(LEAST * rate, rate, LEAST * rate, warm, (long) epochs * epochSteps);
    }
}
