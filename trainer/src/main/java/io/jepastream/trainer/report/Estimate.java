package io.jepastream.trainer.report;

import java.util.LinkedHashSet;
import java.util.Set;

/**
 * How long a report takes, from the clips per second of its pretraining. What else there is to do is counted in clips
 * pretrained; the factors are those of one run of the tiny scale on two cores.
 *
 * @param settings what is asked for
 * @param clipsPerSecond of pretraining
 */
record Estimate(ReportSettings settings, double clipsPerSecond) {
    /** What the default is to stay below. */
    static final double BUDGET_SECONDS = 55 * 60;

    private static final int LEAST_STEPS = 50;
    private static final int MOST_STEPS = 5000;

    private static final double ENCODING = 2.0;
    private static final double ATTENTIVE = 0.06;
    private static final double AVERAGE = 0.01;
    private static final double TUNING = 1.2;
    private static final double TUNED_SCORING = 0.3;

    /** The steps that fit the budget, within reason. */
    int steps() {
        long runs = (long) encoders() * settings.seeds().size();
        double left = (BUDGET_SECONDS - measuring())
                * clipsPerSecond
                / settings.scale().batch();
        long fitting = runs == 0 ? LEAST_STEPS : (long) (left / runs);
        return (int) Math.max(LEAST_STEPS, Math.min(MOST_STEPS, fitting / LEAST_STEPS * LEAST_STEPS));
    }

    /** Seconds of everything. */
    double seconds(int steps) {
        double clips = (double) encoders()
                * settings.seeds().size()
                * steps
                * settings.scale().batch();
        return clips / clipsPerSecond + measuring();
    }

    /** Encoders to pretrain for each seed. */
    private int encoders() {
        Set<Pretext> different = new LinkedHashSet<>();
        settings.studies()
                .forEach(study -> study.variants().stream()
                        .map(Variant::pretext)
                        .filter(Pretext::trained)
                        .forEach(different::add));
        return different.size();
    }

    private double measuring() {
        double clips = 0;
        Set<Pretext> frozen = new LinkedHashSet<>();
        Set<String> counted = new LinkedHashSet<>();
        for (Study study : settings.studies()) {
            for (Variant variant : study.variants()) {
                if (counted.add(variant.run(0))) {
                    clips += learning(variant.measure());
                    if (variant.measure().kind() != Measure.Kind.FINE_TUNED && frozen.add(variant.pretext())) {
                        clips += ENCODING * (settings.train() + settings.val());
                    }
                }
            }
        }
        return clips * settings.seeds().size() / clipsPerSecond;
    }

    private double learning(Measure measure) {
        ReportScale scale = settings.scale();
        double videos = measure.share() * settings.train();
        double passes = Math.max(scale.probeEpochs() * videos, (double) scale.probeSteps() * scale.batch());
        double tuned = scale.tuneEpochs() * (TUNING * videos + TUNED_SCORING * settings.val());
        return switch (measure.kind()) {
            case ATTENTIVE -> ATTENTIVE * passes;
            case AVERAGE -> AVERAGE * passes;
            case FINE_TUNED -> tuned;
        };
    }
}
