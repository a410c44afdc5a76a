package io.jepastream.trainer.report;

import java.util.Locale;

/**
 * How an encoder is measured: by the share of held-out videos whose class is told.
 *
 * @param kind what learns from the labels
 * @param share of the training videos whose labels are used, the same of each class; 1 for all
 */
public record Measure(Kind kind, double share) {
    /** An attentive head on the frozen encoder, all labels. */
    public static final Measure ATTENTIVE = new Measure(Kind.ATTENTIVE, 1);

    /** A linear head on the mean of the frozen encoder's tokens, all labels. */
    public static final Measure AVERAGE = new Measure(Kind.AVERAGE, 1);

    /** Encoder and linear head together, all labels. */
    public static final Measure FINE_TUNED = new Measure(Kind.FINE_TUNED, 1);

    /** What learns from the labels. */
    public enum Kind {
        /** V-JEPA's attentive head. */
        ATTENTIVE,
        /** A linear head on the mean. */
        AVERAGE,
        /** The encoder too. */
        FINE_TUNED
    }

    /** An attentive head that sees a share of the labels. */
    public static Measure labels(double share) {
        return new Measure(Kind.ATTENTIVE, share);
    }

    /** Name in folders and tables. */
    public String id() {
        String name = kind.name().toLowerCase(Locale.ROOT).replace('_', '-');
        return share == 1 ? name : "%s-%d".formatted(name, Math.round(100 * share));
    }
}
