package io.jepastream.trainer.probe;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.jepastream.encoder.EncoderConfig;
import io.jepastream.encoder.TokenHead;
import io.jepastream.encoder.tensor.Precision;
import java.util.List;

/**
 * A head that learns nothing and hands on what a head reads, {@code [B, N D]} as its logits, so that features come by
 * the very way that a trained head gets them.
 *
 * @param levels blocks of the encoder that it reads; none for the encoder's own output
 * @param pooled whether it hands on the mean of the tokens alone, {@code [B, D]}
 */
record FeatureHead(List<Integer> levels, boolean pooled) implements TokenHead, TokenHead.Loader {
    static final String NAME = "features";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public TokenHead load(NDManager owner, EncoderConfig encoder, Precision precision) {
        if (levels.stream().anyMatch(level -> level < 0 || level >= encoder.depth())) {
            throw new IllegalArgumentException(
                    "out-layers: want blocks 0..%d of the encoder, got %s".formatted(encoder.depth() - 1, levels));
        }
        return this;
    }

    @Override
    public int classes() {
        return 0;
    }

    @Override
    public Output read(NDManager scope, NDArray tokens) {
        NDArray mean = tokens.mean(new int[] {1}, true);
        long rows = tokens.getShape().get(0);
        NDArray all = pooled ? mean : tokens;
        return new Output(all.reshape(new Shape(rows, all.size() / rows)), mean);
    }

    @Override
    public void close() {
        // holds nothing
    }
}
