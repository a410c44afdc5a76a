package io.jepastream.trainer.probe;

import io.jepastream.probeheads.ProbeConfig;
import io.jepastream.trainer.schedule.Schedule;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * How heads are trained. Each pair of a learning rate and a weight decay is a head of its own, all on the same batches.
 * A V-JEPA 2 head is trained by its reference's rules: no limit to the gradient, everything decayed, at a constant decay.
 * Others go by V-JEPA 1: gradient limited to 1, biases and norms not decayed, and the decay falls to 1e-6.
 *
 * @param probe architecture of all heads
 * @param rates peak learning rates, each falling to 0 by half a cosine
 * @param decays weight decays at the start
 * @param epochs passes over the training videos
 * @param batch videos of a step
 * @param warmup epochs over which rates climb from a tenth
 * @param patience epochs without a better head after which to stop; 0 for never
 * @param smoothing share of the truth spread over all classes
 * @param balanced whether a class counts by the inverse of how often it is there
 * @param seed of first weights and of the order of videos
 */
public record ProbeSettings(
        ProbeConfig probe,
        List<Double> rates,
        List<Double> decays,
        int epochs,
        int batch,
        double warmup,
        int patience,
        double smoothing,
        boolean balanced,
        long seed) {
    private static final double LAST_DECAY = 1e-6;
    private static final double WARMUP_START = 0.1;

    public ProbeSettings {
        rates = List.copyOf(rates);
        decays = List.copyOf(decays);
        require(!rates.isEmpty() && rates.stream().allMatch(r -> r > 0), "lr: want rates above 0", rates);
        require(!decays.isEmpty() && decays.stream().allMatch(d -> d >= 0), "weight-decay: want 0 or more", decays);
        require(epochs > 0, "epochs: want 1 or more", epochs);
        require(batch > 0, "batch: want 1 or more", batch);
        require(warmup >= 0 && warmup <= epochs, "warmup: want 0 to all epochs", warmup);
        require(patience >= 0, "patience: want 0 or more", patience);
    }

    private static void require(boolean condition, String wanted, Object got) {
        if (!condition) {
            throw new IllegalArgumentException("%s, got %s".formatted(wanted, got));
        }
    }

    /** The same with another seed. */
    public ProbeSettings withSeed(long other) {
        return new ProbeSettings(probe, rates, decays, epochs, batch, warmup, patience, smoothing, balanced, other);
    }

    /** One head of the sweep. */
    public record Arm(double rate, double decay) {
        @Override
        public String toString() {
            return "%s/%s".formatted(rate, decay);
        }
    }

    /** All heads, rates outermost. */
    public List<Arm> arms() {
        List<Arm> arms = new ArrayList<>();
        rates.forEach(rate -> decays.forEach(decay -> arms.add(new Arm(rate, decay))));
        return arms;
    }

    private boolean second() {
        return probe.kind() == ProbeConfig.Kind.ATTENTIVE_V2;
    }

    /** Clipping, decay and loss; {@code samples} tell how often each class is there. */
    ProbeStep.Rule rule(List<Sample> samples) {
        List<Double> weights =
                balanced ? balanced(samples, probe.numClasses()) : Collections.nCopies(probe.numClasses(), 1.0);
        return new ProbeStep.Rule(second() ? 0 : 1, second(), smoothing, weights);
    }

    /** {@code n / (C n_c)}: as in sklearn's "balanced"; 1 for a class that is not there. */
    static List<Double> balanced(List<Sample> samples, int classes) {
        int[] counts = new int[classes];
        samples.forEach(sample -> counts[sample.label()]++);
        List<Double> weights = new ArrayList<>();
        for (int count : counts) {
            weights.add(count == 0 ? 1 : samples.size() / ((double) classes * count));
        }
        return weights;
    }

    /** What a head is told at each of so many steps. */
    Told told(Arm arm, long steps) {
        long warm = Math.round(warmup * steps / epochs);
        Schedule rate = Schedule.warmupCosine(WARMUP_START * arm.rate(), arm.rate(), 0, warm, steps);
        Schedule decay = second()
                ? Schedule.constant(arm.decay())
                : Schedule.cosine(arm.decay(), Math.min(LAST_DECAY, arm.decay()), steps);
        return step -> new ProbeStep.Hyper(rate.at(step), decay.at(step));
    }

    /** Rate and decay of a step, from 1. */
    interface Told {
        ProbeStep.Hyper at(long step);
    }
}
