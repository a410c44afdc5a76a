package io.jepastream.trainer.finetune;

import io.jepastream.encoder.tensor.Precision;
import io.jepastream.trainer.data.RandomView;
import io.jepastream.trainer.schedule.Schedule;

/**
 * How an encoder is fine-tuned.
 *
 * @param epochs passes over the training videos
 * @param warmup epochs over which the rate climbs from a hundredth
 * @param batch clips of a step
 * @param rate peak learning rate; it falls to a hundredth by half a cosine
 * @param layerDecay see {@link LayerDecay}
 * @param weightDecay of matrices
 * @param dropPath see {@link DropPath}
 * @param smoothing share of the truth spread over all classes, 0 to below 1
 * @param view how training clips are varied; none of colour, erasing or mixing is done
 * @param frameStep frames of the video from one of the clip to the next
 * @param precision of matrix products
 * @param seed of the head's first weights, the order, the crops and what is dropped
 */
public record FineTuneSettings(
        int epochs,
        double warmup,
        int batch,
        double rate,
        double layerDecay,
        double weightDecay,
        double dropPath,
        double smoothing,
        RandomView view,
        int frameStep,
        Precision precision,
        long seed) {
    /** Start and end of the rate, of its peak: 1e-6 and 1e-6 of 2e-3 in the paper, nearer here for short runs. */
    private static final double LEAST = 0.01;

    public FineTuneSettings {
        require(epochs > 0, "epochs: want 1 or more", epochs);
        require(warmup >= 0 && warmup <= epochs, "warmup-epochs: want 0 to all epochs", warmup);
        require(batch > 0, "batch: want 1 or more", batch);
        require(rate > 0, "lr: want a rate above 0", rate);
        require(weightDecay >= 0, "weight-decay: want 0 or more", weightDecay);
        require(smoothing >= 0 && smoothing < 1, "label-smoothing: want 0 to below 1", smoothing);
        require(frameStep > 0, "frame-step: want 1 or more", frameStep);
    }

    private static void require(boolean condition, String wanted, Object got) {
        if (!condition) {
            throw new IllegalArgumentException("%s, got %s".formatted(wanted, got));
        }
    }

    /** The learning rate of every step, where an epoch has so many. */
    Schedule schedule(int epochSteps) {
        long warm = Math.round(warmup * epochSteps);
        return Schedule.warmupCosine(LEAST * rate, rate, LEAST * rate, warm, (long) epochs * epochSteps);
    }
}
