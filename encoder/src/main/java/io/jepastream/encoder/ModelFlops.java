package io.jepastream.encoder;

/**
 * Floating-point operations of the matrix products of a model for one clip, two for a multiplication with its addition.
 * Norms, positions, softmax and activations are not counted: they are what a device cannot spend on products.
 *
 * <p>{@code N} tokens, {@code D} width, {@code H} hidden width of the feed-forward part.
 */
public final class ModelFlops {
    private static final long MULTIPLY_ADD = 2;

    private ModelFlops() {}

    /** Of the encoder on a whole clip of the form that it was built for. */
    public static long encoder(EncoderConfig config) {
        return patches(config) + blocks(config, config.tokens());
    }

    /** Of cutting that clip into tubelets and embedding all of them. */
    public static long patches(EncoderConfig config) {
        long cell = (long) config.inChans() * (config.isImage() ? 1 : config.tubeletSize());
        cell *= (long) config.patchSize() * config.patchSize();
        return MULTIPLY_ADD * config.tokens() * cell * config.embedDim();
    }

    /** Of the encoder's blocks on so many of a clip's tokens. */
    public static long blocks(EncoderConfig config, long tokens) {
        return config.depth() * block(tokens, config.embedDim(), config.hidden(), config.useSilu());
    }

    /** Of the predictor on so many visible and so many hidden tokens of a clip. */
    public static long predictor(PredictorConfig config, long context, long targets) {
        long width = config.predictorEmbedDim();
        long in = MULTIPLY_ADD * context * config.inputDim() * width;
        long said = config.dense().returnAllTokens() ? context + targets : targets;
        long out = MULTIPLY_ADD * said * width * config.outputDim();
        return in + config.depth() * block(context + targets, width, config.hidden(), config.useSilu()) + out;
    }

    /** Query, key and value 3 N D D, scores and values 2 N N D, projection N D D, feed-forward 2 N D H, or 3 with a gate. */
    private static long block(long tokens, long dim, long hidden, boolean gated) {
        long linear = 4 * dim * dim + (gated ? 3 : 2) * dim * hidden;
        return MULTIPLY_ADD * tokens * (linear + 2 * tokens * dim);
    }
}
