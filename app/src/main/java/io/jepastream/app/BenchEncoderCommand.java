package io.jepastream.app;

import ai.djl.Device;
import ai.djl.engine.Engine;
import io.jepastream.app.bench.BenchReport;
import io.jepastream.app.bench.EncoderBench;
import io.jepastream.encoder.EncoderConfig;
import io.jepastream.encoder.Family;
import io.jepastream.encoder.ModelOptions;
import io.jepastream.encoder.tensor.DeviceExecutor;
import io.jepastream.encoder.tensor.Precision;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code jepa bench encoder}: clips a second of each size. */
@Command(
        name = "encoder",
        description = {
            "Clips a second of encoders with random weights.",
            "The ceiling is the rate of the device's matrix products over the model's operations: of 2048 (GPU: 8192) cubed and",
            "of the model's two largest, the fastest."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {"", "Example:  jepa bench encoder --size S,B,L --precision fp32,bf16 --json encoder.json"})
final class BenchEncoderCommand implements Callable<Integer> {
    private static final Map<String, String> SIZES = Map.of(
            "T", "vit_tiny",
            "S", "vit_small",
            "B", "vit_base",
            "L", "vit_large",
            "H", "vit_huge",
            "g", "vit_giant_xformers",
            "G", "vit_gigantic");

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--size",
            split = ",",
            defaultValue = "S,B",
            paramLabel = "SIZE",
            description = "Some of T, S, B, L, H, g, G (default ${DEFAULT-VALUE}).")
    private List<String> sizes = List.of("S", "B");

    @Option(
            names = "--family",
            defaultValue = "vjepa1",
            paramLabel = "NAME",
            description = "vjepa1, or vjepa2 with rotary positions (default ${DEFAULT-VALUE}).")
    private String family = "vjepa1";

    @Option(
            names = "--side",
            defaultValue = "224",
            paramLabel = "PX",
            description = "Pixels (default ${DEFAULT-VALUE}).")
    private int side;

    @Option(
            names = "--frames",
            defaultValue = "16",
            paramLabel = "N",
            description = "Of a clip (default ${DEFAULT-VALUE}).")
    private int frames;

    @Option(
            names = "--precision",
            split = ",",
            defaultValue = "fp32,bf16",
            paramLabel = "P",
            description = "Some of fp32, bf16 (default ${DEFAULT-VALUE}).")
    private List<String> precisions = List.of("fp32", "bf16");

    @Option(
            names = "--batch",
            split = ",",
            paramLabel = "N",
            description = "Clips of a call (default: 1 on a CPU, 8 on a GPU).")
    @Nullable
    private List<Integer> batches;

    @Option(
            names = "--attention",
            split = ",",
            defaultValue = EncoderBench.AUTO,
            paramLabel = "HOW",
            description = {
                "auto, fused (what PyTorch itself takes), explicit, per-head;",
                "several are measured one after the other (default ${DEFAULT-VALUE})."
            })
    private List<String> attentions = List.of(EncoderBench.AUTO);

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
        BenchReport report = options.begin(spec, about(resolved, threads));
        try (DeviceExecutor device = new DeviceExecutor(resolved, threads)) {
            EncoderBench bench = new EncoderBench(device, options.repeat);
            for (String size : sizes) {
                EncoderConfig config = config(size);
                for (String precision : precisions) {
                    for (int batch : batches == null ? List.of(resolved.isGpu() ? 8 : 1) : batches) {
                        for (String attention : attentions) {
                            report.add(bench.measure(new EncoderBench.Case(
                                    "ViT-" + size, config, Precision.named(precision), batch, file(attention))));
                        }
                    }
                }
            }
        }
        options.end(report);
        return 0;
    }

    /** The official name of a size's letter. */
    static String size(String letter) {
        String name = SIZES.get(letter);
        if (name == null) {
            throw new UsageException("size: want T, S, B, L, H, g or G, got '%s'".formatted(letter));
        }
        return name;
    }

    private EncoderConfig config(String size) {
        return EncoderConfig.builder(Family.named(family), size(size))
                .imgSize(side)
                .numFrames(frames)
                .build();
    }

    private static String file(String attention) {
        return switch (attention) {
            case "auto" -> EncoderBench.AUTO;
            case "fused" -> "attention_fused";
            case "explicit" -> "attention_explicit";
            case "per-head" -> "attention_per_head";
            default ->
                throw new UsageException(
                        "--attention: want some of auto, fused, explicit, per-head, got '%s'".formatted(attention));
        };
    }

    /** What the figures depend on beside the machine. */
    static Map<String, String> about(Device device, int threads) {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("pytorch", Engine.getEngine("PyTorch").getVersion());
        all.put("device", device.toString());
        all.put("threads", threads == 0 ? "as the engine chooses" : Integer.toString(threads));
        return all;
    }
}
