package io.jepastream.trainer.report;

import java.util.ArrayList;
import java.util.List;

/** The comparisons there are, with the figures of arXiv:2404.08471. */
public final class Studies {
    private static final List<String> VIDEO = List.of("K400", "SSv2");
    private static final List<String> ALL = List.of("K400", "SSv2", "IN1K");

    private Studies() {}

    /** All of them, in the report's order. */
    public static List<Study> all() {
        return List.of(targets(), pooling(), masking(), labels(), tuning(), pretraining());
    }

    /**
     * Those of these names, in the report's order; all where none is given.
     *
     * @throws IllegalArgumentException for a name that none has
     */
    public static List<Study> named(List<String> names) {
        List<String> known = all().stream().map(Study::name).toList();
        if (!known.containsAll(names)) {
            throw new IllegalArgumentException("only: want some of %s, got %s".formatted(known, names));
        }
        return all().stream()
                .filter(study -> names.isEmpty() || names.contains(study.name()))
                .toList();
    }

    private static Study targets() {
        return new Study(
                "targets",
                "Features or pixels as targets",
                "Table 1",
                ALL,
                List.of(
                        new Variant("features", Pretext.FEATURES, Measure.ATTENTIVE, List.of(73.7, 66.2, 74.8)),
                        new Variant("pixels", Pretext.PIXELS, Measure.ATTENTIVE, List.of(68.6, 66.0, 73.3))),
                List.of(new Study.Ordering(0, 1)),
                "Of the encoder that learns pixels, its own weights are measured; of the other, the target encoder's, as in"
                        + " the paper. Learning rate and weight decay are the same for both; the paper swept them.");
    }

    private static Study pooling() {
        return new Study(
                "pooling",
                "Attentive or average pooling",
                "Table 3",
                VIDEO,
                List.of(
                        new Variant("attentive", Pretext.FEATURES, Measure.ATTENTIVE, List.of(73.7, 66.2)),
                        new Variant("average", Pretext.FEATURES, Measure.AVERAGE, List.of(56.7, 50.1))),
                List.of(new Study.Ordering(0, 1)),
                "Both heads read the same features. The average gets the better of two learning rates by held-out top-1,"
                        + " the attentive head has one.");
    }

    private static Study masking() {
        return new Study(
                "masking",
                "What is hidden",
                "Table 4",
                ALL,
                List.of(
                        new Variant("multi-block", Pretext.FEATURES, Measure.ATTENTIVE, List.of(72.9, 67.4, 72.8)),
                        new Variant(
                                "causal multi-block [12]",
                                Pretext.CAUSAL_12,
                                Measure.ATTENTIVE,
                                List.of(71.9, 63.6, 72.2)),
                        new Variant(
                                "causal multi-block [6]",
                                Pretext.CAUSAL_6,
                                Measure.ATTENTIVE,
                                List.of(61.3, 49.8, 66.9)),
                        new Variant("random tube [0.9]", Pretext.TUBE, Measure.ATTENTIVE, List.of(51.5, 46.4, 55.6))),
                List.of(new Study.Ordering(0, 1), new Study.Ordering(1, 2), new Study.Ordering(2, 3)),
                "Multi-block hides two blocks of 40 % of the picture, one draw a clip; the paper's has 8 of 15 % and 2 of 70 %, a"
                        + " draw each, for which a grid of few cells a side leaves hardly a token.");
    }

    private static Study labels() {
        List<Variant> variants = new ArrayList<>();
        List<Study.Ordering> orderings = new ArrayList<>();
        List<Double> shares = List.of(0.05, 0.1, 0.5);
        List<List<Double>> paper = List.of(List.of(67.0, 51.9), List.of(72.1, 57.5), List.of(80.2, 67.3));
        for (int i = 0; i < shares.size(); i++) {
            double share = shares.get(i);
            String percent = "%d %% of the labels".formatted(Math.round(100 * share));
            variants.add(new Variant("pretrained, " + percent, Pretext.FEATURES, Measure.labels(share), paper.get(i)));
            variants.add(new Variant("random weights, " + percent, Pretext.RANDOM, Measure.labels(share), List.of()));
            orderings.add(new Study.Ordering(2 * i, 2 * i + 1));
        }
        return new Study(
                "labels",
                "Few labels",
                "Table 7 (V-JEPA ViT-H/16)",
                VIDEO,
                variants,
                orderings,
                "In the spirit of the table, which sets V-JEPA against other pretrained models; here it is set against no"
                        + " pretraining. Heads on few labels make more passes, so that all make enough steps; the paper"
                        + " does not say. Each seed draws its own labels, the same share of each class.");
    }

    private static Study tuning() {
        return new Study(
                "tuning",
                "Frozen or fine-tuned",
                "Tables 6 and 15 (V-JEPA ViT-L/16)",
                VIDEO,
                List.of(
                        new Variant("fine-tuned", Pretext.FEATURES, Measure.FINE_TUNED, List.of(85.6, 75.1)),
                        new Variant("frozen", Pretext.FEATURES, Measure.ATTENTIVE, List.of(80.8, 69.5))),
                List.of(new Study.Ordering(0, 1)),
                "Fine-tuned with a linear head on the mean and without mixup, cutmix, RandAugment and erasing; frozen with"
                        + " the attentive head, which sees centre crops only.");
    }

    private static Study pretraining() {
        return new Study(
                "pretraining",
                "Pretrained or random weights",
                "Table 1 (V-JEPA ViT-L/16; it has no random weights)",
                ALL,
                List.of(
                        new Variant("pretrained", Pretext.FEATURES, Measure.ATTENTIVE, List.of(73.7, 66.2, 74.8)),
                        new Variant("random weights", Pretext.RANDOM, Measure.ATTENTIVE, List.of()),
                        new Variant(
                                "random weights of the reference",
                                Pretext.RANDOM_REFERENCE,
                                Measure.ATTENTIVE,
                                List.of())),
                List.of(new Study.Ordering(0, 1), new Study.Ordering(0, 2)),
                "What a head can do by itself on features of an encoder that has learnt nothing: a check, not one of the"
                        + " paper's comparisons. The first are those that pretraining starts from here, the second those"
                        + " that the reference's code would draw.");
    }
}
