package io.jepastream.app;

import ai.djl.Device;
import io.jepastream.app.bench.BenchReport;
import io.jepastream.app.bench.TrainBench;
import io.jepastream.encoder.EncoderConfig;
import io.jepastream.encoder.Family;
import io.jepastream.encoder.ModelOptions;
import io.jepastream.encoder.PredictorConfig;
import io.jepastream.encoder.tensor.DeviceExecutor;
import io.jepastream.encoder.tensor.Precision;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code jepa bench train}: clips a second of whole pretraining steps. */
@Command(
        name = "train",
        description = {
            "Clips a second of whole pretraining steps.",
            "Clips are on the device already; the ceiling is that of 'jepa bench encoder'. tiny: width 192, 6 blocks, 8 frames of",
            "64 pixels in patches of 8; predictor width 96, 3 blocks. The others: V-JEPA 1 on 16 frames of 224 pixels, predictor",
            "width 384, 12 blocks."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {"", "Example:  jepa bench train --size tiny --precision fp32,bf16 --json train.json"})
final class BenchTrainCommand implements Callable<Integer> {
    private static final double VISIBLE = 3.0 / 16; // what two official masks leave, about

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--size",
            split = ",",
            defaultValue = "tiny",
            paramLabel = "SIZE",
            description = "Some of tiny, S, B, L (default ${DEFAULT-VALUE}).")
    private List<String> sizes = List.of("tiny");

    @Option(
            names = "--precision",
            split = ",",
            defaultValue = "fp32,bf16",
            paramLabel = "P",
            description = "Some of fp32, bf16 (default ${DEFAULT-VALUE}).")
    private List<String> precisions = List.of("fp32", "bf16");

    @Option(
            names = "--batch",
            defaultValue = "8",
            paramLabel = "N",
            description = "Clips of a step (default ${DEFAULT-VALUE}).")
    private int batch;

    @Option(
            names = "--masks",
            defaultValue = "1",
            paramLabel = "N",
            description = "Masks of a step (default ${DEFAULT-VALUE}).")
    private int masks;

    @Option(
            names = "--device",
            defaultValue = "auto",
            paramLabel = "DEVICE",
            description = "cpu, gpu:0 ... or auto (default ${DEFAULT-VALUE}).")
    private String on = "auto";

    @Option(
            names = "--threads",
            defaultValue = "0",
            paramLabel = "N",
            description = "Cores for one operation; 0: the engine chooses (default).")
    private int threads;

    @Mixin
    private BenchOptions options = new BenchOptions();

    @Override
    public Integer call() throws IOException {
        Device resolved =
                ModelOptions.defaults().withDevice(on).withThreads(threads).resolve();
        BenchReport report = options.begin(spec, BenchEncoderCommand.about(resolved, threads));
        try (DeviceExecutor device = new DeviceExecutor(resolved, threads)) {
            TrainBench bench = new TrainBench(device, options.repeat);
            for (String size : sizes) {
                for (String precision : precisions) {
                    report.add(bench.measure(what(size, Precision.named(precision))));
                }
            }
        }
        options.end(report);
        return 0;
    }

    private TrainBench.Case what(String size, Precision precision) {
        EncoderConfig encoder = encoder(size);
        PredictorConfig official = PredictorConfig.officialFor(encoder);
        PredictorConfig predictor = size.equals("tiny") ? tiny(official) : official;
        int visible = (int) Math.round(VISIBLE * encoder.tokens());
        return new TrainBench.Case(size, encoder, predictor, precision, batch, masks, visible);
    }

    private static EncoderConfig encoder(String size) {
        return switch (size) {
            case "tiny" ->
                EncoderConfig.builder(Family.VJEPA1)
                        .imgSize(64)
                        .patchSize(8)
                        .numFrames(8)
                        .embedDim(192)
                        .depth(6)
                        .numHeads(6)
                        .build();
            case "S" -> EncoderConfig.builder(Family.VJEPA1, "vit_small").build();
            case "B" -> EncoderConfig.builder(Family.VJEPA1, "vit_base").build();
            case "L" -> EncoderConfig.builder(Family.VJEPA1, "vit_large").build();
            default -> throw new UsageException("--size: want some of tiny, S, B, L, got '%s'".formatted(size));
        };
    }

    private static PredictorConfig tiny(PredictorConfig official) {
        return new PredictorConfig(
                official.embedDim(),
                96,
                3,
                3,
                official.mlpRatio(),
                official.numMaskTokens(),
                true,
                official.useRope(),
                official.uniformPower(),
                false,
                true,
                official.normEps());
    }
}
