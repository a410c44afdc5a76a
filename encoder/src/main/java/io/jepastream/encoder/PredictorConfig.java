package io.jepastream.encoder;

/**
 * Architecture of the predictor of masked tokens (arXiv:2404.08471, section 3).
 *
 * @param embedDim width of the encoder whose tokens it reads and predicts
 * @param predictorEmbedDim its own width
 * @param depth number of transformer blocks
 * @param numHeads attention heads
 * @param mlpRatio hidden width of the feed-forward part over its width
 * @param numMaskTokens learned mask tokens; an index is taken modulo this
 * @param qkvBias whether the attention projections carry a bias
 * @param useRope rotary positions instead of a sin-cos table
 * @param uniformPower sin-cos table with equal widths per axis
 * @param useSilu gated feed-forward part
 * @param wideSilu gated part narrowed to two thirds, rounded up to a multiple of 8
 * @param normEps epsilon of every layer norm
 * @param dense options of V-JEPA 2.1
 */
public record PredictorConfig(
        int embedDim,
        int predictorEmbedDim,
        int depth,
        int numHeads,
        double mlpRatio,
        int numMaskTokens,
        boolean qkvBias,
        boolean useRope,
        boolean uniformPower,
        boolean useSilu,
        boolean wideSilu,
        double normEps,
        DensePredictorConfig dense) {

    private static final int OFFICIAL_WIDTH = 384;
    private static final int TEACHER_WIDTH_21 = 1664; // ViT-G, which the smaller two are distilled from
    private static final int SELF_TRAINED_DEPTH_21 = 40;

    public PredictorConfig {
        EncoderConfig.requireAtMost(EncoderConfig.MOST_WIDTH, "predictor embed_dim", embedDim);
        EncoderConfig.requireAtMost(EncoderConfig.MOST_WIDTH, "predictor_embed_dim", predictorEmbedDim);
        EncoderConfig.requireAtMost(EncoderConfig.MOST_BLOCKS, "predictor depth", depth);
        EncoderConfig.requireAtMost(EncoderConfig.MOST_RATIO, "predictor mlp_ratio", mlpRatio);
        EncoderConfig.requireAtMost(EncoderConfig.MOST_BLOCKS, "num_mask_tokens", numMaskTokens);
        EncoderConfig.requireAtMost(1, "predictor norm_eps", normEps);
        EncoderConfig.require(embedDim > 0, "predictor embed_dim: want positive, got %d", embedDim);
        EncoderConfig.require(depth > 0, "predictor depth: want positive, got %d", depth);
        EncoderConfig.require(
                numHeads > 0 && predictorEmbedDim > 0 && predictorEmbedDim % numHeads == 0,
                "predictor_embed_dim: want a positive multiple of num_heads %d, got %d",
                numHeads,
                predictorEmbedDim);
        EncoderConfig.require(mlpRatio > 0, "predictor mlp_ratio: want positive, got %s", mlpRatio);
        EncoderConfig.require(numMaskTokens > 0, "num_mask_tokens: want positive, got %d", numMaskTokens);
        EncoderConfig.require(normEps > 0, "predictor norm_eps: want positive, got %s", normEps);
        dense.requireFits(depth, useRope);
    }

    /** A predictor of V-JEPA 1 or 2. */
    public PredictorConfig(
            int embedDim,
            int predictorEmbedDim,
            int depth,
            int numHeads,
            double mlpRatio,
            int numMaskTokens,
            boolean qkvBias,
            boolean useRope,
            boolean uniformPower,
            boolean useSilu,
            boolean wideSilu,
            double normEps) {
        this(
                embedDim,
                predictorEmbedDim,
                depth,
                numHeads,
                mlpRatio,
                numMaskTokens,
                qkvBias,
                useRope,
                uniformPower,
                useSilu,
                wideSilu,
                normEps,
                DensePredictorConfig.NONE);
    }

    /**
     * The official shape for an encoder: width 384, 12 blocks; V-JEPA 1 keeps the encoder's heads, V-JEPA 2 takes 12
     * and has 10 mask tokens as its released files do, where its public configurations give 6. Of V-JEPA 2.1 the two large ones have 24 blocks on four levels, and the two distilled ones give the teacher's width.
     */
    public static PredictorConfig officialFor(EncoderConfig encoder) {
        if (encoder.family() == Family.VJEPA21) {
            return official21(encoder);
        }
        boolean first = encoder.family() == Family.VJEPA1;
        return new PredictorConfig(
                encoder.embedDim(),
                OFFICIAL_WIDTH,
                12,
                first ? encoder.numHeads() : 12,
                4,
                first ? 2 : 10,
                true,
                encoder.useRope(),
                encoder.uniformPower(),
                false,
                true,
                1e-6);
    }

    private static PredictorConfig official21(EncoderConfig encoder) {
        int dim = encoder.embedDim();
        boolean distilled = encoder.depth() < SELF_TRAINED_DEPTH_21;
        return new PredictorConfig(
                dim,
                OFFICIAL_WIDTH,
                distilled ? 12 : 24,
                12,
                4,
                8,
                true,
                true,
                false,
                false,
                true,
                1e-6,
                distilled
                        ? DensePredictorConfig.trained(1, TEACHER_WIDTH_21)
                        : DensePredictorConfig.trained(DenseConfig.LEVELS, DenseConfig.LEVELS * dim));
    }

    /** Width of the context tokens that it reads. */
    public int inputDim() {
        return Math.max(1, dense.levels()) * embedDim;
    }

    /** Width of a prediction. */
    public int outputDim() {
        return dense.levels() == 0 ? embedDim : dense.outputDim();
    }

    int hidden() {
        return EncoderConfig.hidden(predictorEmbedDim, mlpRatio, useSilu, wideSilu);
    }
}
