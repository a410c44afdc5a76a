package io.jepastream.encoder;

import java.util.Set;

/**
 * What V-JEPA 2.1 adds to a predictor (arXiv:2603.14482); {@link #NONE} for the generations before it.
 *
 * <p>Stretching of its positions is a switch apart from the encoder's, since the reference contradicts itself: its
 * training configurations set both, its hub builder leaves the predictor's off. Weights were trained, so {@code true} is
 * the default here; at 256 pixels both are the same.
 *
 * @param levels levels of the encoder that it reads, side by side: 4, or 1 where it was distilled; 0 before V-JEPA 2.1
 * @param outputDim width of a prediction: {@code levels} times the encoder's, or as the teacher's
 * @param interpolateRope rotary rows and columns of the grid it was built for are stretched to 16 x 16
 * @param modalityEmbedding a learned vector on every token tells video from image
 * @param returnAllTokens context tokens come back too, through a projection of their own
 */
public record DensePredictorConfig(
        int levels, int outputDim, boolean interpolateRope, boolean modalityEmbedding, boolean returnAllTokens) {
    /** V-JEPA 1 and 2: nothing of it. */
    public static final DensePredictorConfig NONE = new DensePredictorConfig(0, 0, false, false, false);

    private static final Set<Integer> DEPTHS = Set.of(4, 8, 12, 20, 24, 40);

    /** All switches on, as in training. */
    static DensePredictorConfig trained(int levels, int outputDim) {
        return new DensePredictorConfig(levels, outputDim, true, true, true);
    }

    /** Checks it against the rest of a predictor. */
    void requireFits(int depth, boolean useRope) {
        if (equals(NONE)) {
            return;
        }
        EncoderConfig.require(
                levels == 1 || levels == DenseConfig.LEVELS,
                "predictor n_output_distillation: want 1 or %d, got %d",
                DenseConfig.LEVELS,
                levels);
        EncoderConfig.require(outputDim > 0, "predictor output width: want positive, got %d", outputDim);
        EncoderConfig.require(useRope, "predictor use_rope: want true for vjepa2.1, got false");
        EncoderConfig.require(
                DEPTHS.contains(depth),
                "predictor depth: want one of %s for vjepa2.1, got %d",
                DEPTHS.stream().sorted().toList(),
                depth);
    }
}
