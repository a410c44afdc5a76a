package io.jepastream.app;

import io.jepastream.encoder.EncoderConfig;
import io.jepastream.encoder.Family;
import io.jepastream.encoder.ModelBundle;
import io.jepastream.encoder.tensor.HostTensor;
import io.jepastream.probeheads.Heads;
import io.jepastream.probeheads.ProbeConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/** A bundle of a very small encoder with random weights and a random head: enough to compare numbers. */
final class TinyBundle {
    private static final int D = 24;
    static final List<String> LABELS = List.of("up", "down", "strange");

    private TinyBundle() {}

    static Path write(Path directory) throws IOException {
        EncoderConfig config = EncoderConfig.builder(Family.VJEPA2)
                .imgSize(64)
                .patchSize(16)
                .numFrames(16)
                .tubeletSize(2)
                .embedDim(D)
                .depth(1)
                .numHeads(2)
                .build();
        SplittableRandom random = new SplittableRandom(7);
        Map<String, HostTensor> state = new LinkedHashMap<>();
        shapes().forEach((name, shape) -> state.put(name, tensor(name, shape, random)));
        ModelBundle bundle = ModelBundle.write(
                directory,
                new ModelBundle.Draft("tiny", config, Optional.empty(), state, Map.of(), Map.of("source", "random")));
        Heads.write(
                bundle,
                "mood",
                new ProbeConfig(ProbeConfig.Kind.MEAN, D, 2, 4, 1, LABELS.size(), 1e-5),
                Map.of(
                        "linear.weight", tensor("linear.weight", new long[] {LABELS.size(), D}, random),
                        "linear.bias", tensor("linear.bias", new long[] {LABELS.size()}, random)),
                LABELS);
        return directory;
    }

    private static Map<String, long[]> shapes() {
        Map<String, long[]> shapes = new LinkedHashMap<>();
        shapes.put("patch_embed.proj.weight", new long[] {D, 3, 2, 16, 16});
        shapes.put("patch_embed.proj.bias", new long[] {D});
        for (String norm : List.of("blocks.0.norm1", "blocks.0.norm2", "norm")) {
            shapes.put(norm + ".weight", new long[] {D});
            shapes.put(norm + ".bias", new long[] {D});
        }
        linear(shapes, "blocks.0.attn.qkv", 3 * D, D);
        linear(shapes, "blocks.0.attn.proj", D, D);
        linear(shapes, "blocks.0.mlp.fc1", 4 * D, D);
        linear(shapes, "blocks.0.mlp.fc2", D, 4 * D);
        return shapes;
    }

    private static void linear(Map<String, long[]> shapes, String name, int out, int in) {
        shapes.put(name + ".weight", new long[] {out, in});
        shapes.put(name + ".bias", new long[] {out});
    }

    private static HostTensor tensor(String name, long[] shape, SplittableRandom random) {
        int size = 1;
        for (long side : shape) {
            size *= (int) side;
        }
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = (float) (0.5 * (random.nextDouble() - 0.5) + (name.endsWith("norm.weight") ? 1 : 0));
        }
        return HostTensor.of(values, shape);
    }
}
