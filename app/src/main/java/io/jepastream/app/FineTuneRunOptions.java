package io.jepastream.app;

import io.jepastream.encoder.tensor.Precision;
import io.jepastream.trainer.data.RandomView;
import io.jepastream.trainer.finetune.FineTuneSettings;
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

    @Option(
            names = "--device",
            defaultValue = "auto",
            paramLabel = "DEVICE",
            description = "cpu, gpu:0 ... or auto (default ${DEFAULT-VALUE}).")
    private String device = "auto";

    @Option(
            names = "--precision",
            defaultValue = "auto",
            paramLabel = "P",
            description = "fp32, bf16, or auto: bf16 on a GPU (default ${DEFAULT-VALUE}).")
    private String precision = "auto";

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
                dropPath,
                smoothing,
                RandomView.of(crop, flip),
                frameStep,
                computed,
                seed);
    }

    Precision precision(boolean gpu) {
        if (precision.equals("auto")) {
            return gpu ? Precision.BF16 : Precision.FP32;
        }
        return Precision.named(precision);
    }

    String device() {
        return device;
    }

    int threads() {
        return threads;
    }

    long seed() {
        return seed;
    }
}
