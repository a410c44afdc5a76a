package io.jepastream.probeheads;

import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * Architecture of a probe.
 *
 * @param kind how tokens become one vector
 * @param embedDim width D of the tokens
 * @param numHeads attention heads; the reference takes the encoder's for V-JEPA 1 and 16 for V-JEPA 2
 * @param mlpRatio hidden width over D
 * @param depth attention blocks, the cross attention included; 1 is cross attention alone
 * @param numClasses classes C
 * @param normEps epsilon of the layer norms; 1e-5 in the reference, unlike the encoder's
 * @param completeBlock whether the cross attention has norms, a residual and a feed-forward part, as in every released
 *     probe; else it is bare
 * @param outLayers ascending block indices of the encoder whose outputs it reads, one after the other; none for the
 *     encoder's own output
 */
public record ProbeConfig(
        Kind kind,
        int embedDim,
        int numHeads,
        double mlpRatio,
        int depth,
        int numClasses,
        double normEps,
        boolean completeBlock,
        List<Integer> outLayers) {

    /** How tokens become one vector. */
    public enum Kind {
        /** Cross attention, then self attention of the query with itself. */
        ATTENTIVE_V1("attentive-v1"),
        /** Self attention of the tokens, then cross attention. */
        ATTENTIVE_V2("attentive-v2"),
        /** The mean of the tokens. */
        MEAN("mean");

        private final String id;

        Kind(String id) {
            this.id = id;
        }

        /** Name in a head's {@code config.json}. */
        public String id() {
            return id;
        }

        /**
         * The kind of this name, letter case aside.
         *
         * @throws IllegalArgumentException naming the kinds there are
         */
        public static Kind named(String id) {
            for (Kind kind : values()) {
                if (kind.id.equals(id.toLowerCase(Locale.ROOT))) {
                    return kind;
                }
            }
            throw new IllegalArgumentException(
                    "head kind: want attentive-v1, attentive-v2 or mean, got '%s'".formatted(id));
        }
    }

    /** A probe with a complete block that reads the encoder's own output, as most are. */
    public ProbeConfig(
            Kind kind, int embedDim, int numHeads, double mlpRatio, int depth, int numClasses, double normEps) {
        this(kind, embedDim, numHeads, mlpRatio, depth, numClasses, normEps, true, List.of());
    }

    /** The same, reading these blocks of the encoder. */
    public ProbeConfig withOutLayers(List<Integer> layers) {
        return new ProbeConfig(kind, embedDim, numHeads, mlpRatio, depth, numClasses, normEps, completeBlock, layers);
    }

    // Far beyond every head there is; a configuration from anywhere must not ask for all of the memory.
    private static final int MOST_WIDTH = 1 << 18;
    private static final int MOST_BLOCKS = 1024;
    private static final int MOST_RATIO = 64;
    private static final int MOST_CLASSES = 1 << 20;

    public ProbeConfig {
        outLayers = List.copyOf(outLayers);
        require(ascending(outLayers), "ascending out_layers from 0", outLayers);
        require(
                embedDim > 0 && numHeads > 0 && embedDim % numHeads == 0,
                "embed_dim a multiple of num_heads",
                embedDim);
        require(embedDim <= MOST_WIDTH, "embed_dim of at most " + MOST_WIDTH, embedDim);
        require(mlpRatio > 0 && mlpRatio <= MOST_RATIO, "a positive mlp_ratio of at most " + MOST_RATIO, mlpRatio);
        require(depth > 0 && depth <= MOST_BLOCKS, "a positive depth of at most " + MOST_BLOCKS, depth);
        require(
                numClasses > 0 && numClasses <= MOST_CLASSES,
                "a positive num_classes of at most " + MOST_CLASSES,
                numClasses);
        require(normEps > 0 && normEps <= 1, "a positive norm_eps of at most 1", normEps);
    }

    private static boolean ascending(List<Integer> layers) {
        return IntStream.range(0, layers.size()).allMatch(i -> layers.get(i) > (i == 0 ? -1 : layers.get(i - 1)));
    }

    private static void require(boolean condition, String wanted, Object got) {
        if (!condition) {
            throw new IllegalArgumentException("head: want %s, got %s".formatted(wanted, got));
        }
    }

    int hidden() {
        return (int) (embedDim * mlpRatio);
    }
}
