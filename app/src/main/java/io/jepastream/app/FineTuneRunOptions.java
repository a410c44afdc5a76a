package io.jepastream.app;

import io.jepastream.encoder.tensor.Precision;
import io.jepastream.trainer.augment.Erasing;
import io.jepastream.trainer.augment.RandAugment;
import io.jepastream.trainer.augment.TrainingView;
import io.jepastream.trainer.data.RandomView;
import io.jepastream.trainer.finetune.FineTuneSettings;
import io.jepastream.trainer.finetune.HeadDropout;
import io.jepastream.trainer.finetune.Mixing;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How encoder and head learn together. */
final class FineTuneRunOptions {
    private static final double WEIGHT_DECAY = 0.05; // arXiv:2404.08471, appendix on fine-tuning

    @Option(
            names = "--epochs",
            defaultValue = "15",
            paramLabel = "N",
            description = "Passes over the training videos (default ${DEFAULT-VALUE}).")
    private int epochs = 15;

    @Option(
            names = "--warmup-epochs",
            paramLabel = "N",
            description = "Epochs over which the rate climbs (default: a seventh of all).")
    private double warmup = -1;

    @Option(
            names = "--batch",
            defaultValue = "16",
            paramLabel = "N",
            description = "Clips of a step (default ${DEFAULT-VALUE}).")
    private int batch = 16;

    @Option(
            names = "--lr",
            defaultValue = "5e-4",
            paramLabel = "RATE",
            description = "Peak learning rate (default ${DEFAULT-VALUE}).")
    private double rate = 5e-4;

    @Option(
            names = "--layer-decay",
            defaultValue = "0.75",
            paramLabel = "FACTOR",
            description = "Of the rate, from a block to the one below it; 1: none (default ${DEFAULT-VALUE}).")
    private double layerDecay = 0.75;

    @Option(
            names = "--drop-path",
            defaultValue = "0.1",
            paramLabel = "RATE",
            description = "How often the last block is left out in training (default ${DEFAULT-VALUE}).")
    private double dropPath = 0.1;

    @Option(
            names = "--label-smoothing",
            defaultValue = "0.1",
            paramLabel = "SHARE",
            description = "Share of the truth spread over all classes (default ${DEFAULT-VALUE}).")
    private double smoothing = 0.1;

    @Option(
            names = "--head-dropout",
            defaultValue = "0",
            paramLabel = "RATE",
            description = "How often a feature is left out before the last layer (default ${DEFAULT-VALUE}).")
    private double headDropout;

    @Option(
            names = "--mixup",
            defaultValue = "0",
            paramLabel = "A",
            description = "Mix clips by shares from Beta(A, A); the paper takes 0.8 (default ${DEFAULT-VALUE}: off).")
    private double mixup;

    @Option(
            names = "--cutmix",
            defaultValue = "0",
            paramLabel = "A",
            description = "Exchange boxes of clips, likewise; the paper takes 1 (default ${DEFAULT-VALUE}: off).")
    private double cutmix;

    @Option(
            names = "--rand-augment",
            defaultValue = "none",
            paramLabel = "mM-nN",
            description =
                    "N operations on each clip, of magnitude M; the paper takes m7-n4 (default ${DEFAULT-VALUE}).")
    private String randAugment = "none";

    @Option(
            names = "--erase",
            defaultValue = "0",
            paramLabel = "RATE",
            description = "How often a box of a clip becomes noise; the paper takes 0.25 (default ${DEFAULT-VALUE}).")
    private double erase;

    @Option(
            names = "--repeat-videos",
            defaultValue = "1",
            paramLabel = "N",
            description =
                    "How often a clip is in its batch, varied anew; the paper takes 2 (default ${DEFAULT-VALUE}).")
    private int repeats = 1;

    @Option(
            names = "--frame-step",
            defaultValue = "4",
            paramLabel = "N",
            description = "The video's frames from one of a clip to the next (default ${DEFAULT-VALUE}).")
    private int frameStep = 4;

    @Option(names = "--flip", description = "Mirror every other clip; not where left and right are classes.")
    private boolean flip;

    @Option(
            names = "--seed",
            defaultValue = "0",
            paramLabel = "N",
            description = "Seed of all that is drawn (default ${DEFAULT-VALUE}).")
    private long seed;

    @Mixin
    private DeviceOptions on = new DeviceOptions();

    @Option(
            names = "--threads",
            defaultValue = "0",
            paramLabel = "N",
            description = "Cores for one operation; 0: the engine chooses (default).")
    private int threads;

    FineTuneSettings settings(int crop, Precision computed) {
        return new FineTuneSettings(
                epochs,
                warmup < 0 ? epochs / 7.0 : warmup, // 5 of 35: arXiv:2404.08471, appendix
                batch,
                rate,
                layerDecay,
                WEIGHT_DECAY,
                new FineTuneSettings.Regularisation(
                        dropPath, new HeadDropout(headDropout), smoothing, new Mixing(mixup, cutmix)),
                new FineTuneSettings.Clips(view(crop), frameStep, repeats),
                computed,
                seed);
    }

    private TrainingView view(int crop) {
        return new TrainingView(RandomView.of(crop, flip), RandAugment.named(randAugment), new Erasing(erase));
    }

    Precision precision(boolean gpu) {
        return on.precision().orElse(gpu ? Precision.BF16 : Precision.FP32);
    }

    String device() {
        return on.device;
    }

    int threads() {
        return threads;
    }

    long seed() {
        return seed;
    }
}
