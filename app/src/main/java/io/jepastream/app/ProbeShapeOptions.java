package io.jepastream.app;

import io.jepastream.encoder.EncoderConfig;
import io.jepastream.encoder.Family;
import io.jepastream.probeheads.ProbeConfig;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Architecture of a new head. */
final class ProbeShapeOptions {
    private static final int SECOND_HEADS = 16;

    @Option(
            names = "--kind",
            paramLabel = "KIND",
            description = "attentive-v1, attentive-v2 or linear, on the mean (default: the model's attentive).")
    private @Nullable String kind;

    @Option(
            names = "--depth",
            defaultValue = "1",
            paramLabel = "N",
            description = "Attention blocks; V-JEPA 2's own have 4 (default ${DEFAULT-VALUE}).")
    private int depth = 1;

    @Option(
            names = "--heads",
            paramLabel = "N",
            description = "Attention heads (default: 16 for V-JEPA 2, the encoder's for V-JEPA 1).")
    private @Nullable Integer heads;

    @Option(
            names = "--out-layers",
            split = ",",
            paramLabel = "N",
            description = "Blocks of the encoder to read, ascending (default: its output).")
    private List<Integer> layers = List.of();

    /** The kind; {@code linear} and {@code mean} are the same. */
    ProbeConfig.Kind kind(EncoderConfig encoder) {
        if (kind == null) {
            return encoder.family() == Family.VJEPA1 ? ProbeConfig.Kind.ATTENTIVE_V1 : ProbeConfig.Kind.ATTENTIVE_V2;
        }
        return kind.toLowerCase(Locale.ROOT).equals("linear") ? ProbeConfig.Kind.MEAN : ProbeConfig.Kind.named(kind);
    }

    /** Blocks to read. */
    List<Integer> layers() {
        return layers;
    }

    ProbeConfig config(EncoderConfig encoder, int classes) {
        int usual = encoder.embedDim() % SECOND_HEADS == 0 ? SECOND_HEADS : encoder.numHeads();
        int own = encoder.family() == Family.VJEPA1 ? encoder.numHeads() : usual;
        ProbeConfig.Kind wanted = kind(encoder);
        int blocks = wanted == ProbeConfig.Kind.MEAN ? 1 : depth;
        return new ProbeConfig(wanted, encoder.embedDim(), heads == null ? own : heads, 4, blocks, classes, 1e-5)
                .withOutLayers(layers);
    }

    /** A head of one block of this kind, otherwise as usual. */
    static ProbeConfig config(String kind, EncoderConfig encoder, int classes) {
        ProbeShapeOptions options = new ProbeShapeOptions();
        options.kind = kind;
        return options.config(encoder, classes);
    }
}
