package io.jepastream.trainer.pretrain;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.jepastream.encoder.tensor.Kernel;
import java.util.List;
import java.util.Map;

/**
 * How rich the target encoder's features are. When a joint embedding collapses they no longer differ from token to token,
 * or only along a few directions, while the loss looks fine. It can collapse in part: all tokens of a clip say the same of
 * it, which is easy to predict and of no use to a head that asks what moves.
 *
 * @param effectiveRank {@code exp} of the entropy of the normalised singular values of the centred features (Roy and
 *     Vetterli, 2007), 1 to D
 * @param spread mean deviation of a feature over tokens and clips
 * @param leastSpread smallest deviation of a feature
 * @param clipSpread mean deviation of a feature over the tokens of one clip
 */
public record Collapse(double effectiveRank, double spread, double leastSpread, double clipSpread) {
    private static final double RANK_SHARE = 0.05;
    private static final double LEAST_SPREAD = 0.01;
    private static final double CLIP_SHARE = 0.3; // of the whole spread

    /** Measures features {@code [B, N, D]}; at most 4096 tokens of them, equally spread. */
    static Collapse of(NDManager scope, Kernel kernel, NDArray features) {
        float[] numbers =
                kernel.call(scope, "richness", features).singletonOrThrow().toFloatArray();
        return new Collapse(numbers[0], numbers[1], numbers[2], numbers[3]);
    }

    static Kernel kernel(NDManager owner) {
        return Kernel.compile(owner, List.of("collapse"), Map.of());
    }

    /**
     * Whether the features look collapsed: rank below 5 % of the width, next to no spread, or less than 0.3 of the spread
     * inside of clips.
     */
    public boolean isCollapsed(int width) {
        return effectiveRank < Math.max(2, RANK_SHARE * width)
                || spread < LEAST_SPREAD
                || clipSpread < CLIP_SHARE * spread;
    }
}
