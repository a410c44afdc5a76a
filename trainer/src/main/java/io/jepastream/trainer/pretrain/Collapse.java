package io.jepastream.trainer.pretrain;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.jepastream.encoder.tensor.Kernel;
import java.util.List;
import java.util.Map;

/**
 * How rich the target encoder's features are. When a joint embedding collapses they no longer differ from token to token,
 * or only along a few directions, while the loss looks fine.
 *
 * @param effectiveRank {@code exp} of the entropy of the normalised singular values of the centred features (Roy and
 *     Vetterli, 2007), 1 to D
 * @param spread mean deviation of a feature over tokens and clips
 * @param leastSpread smallest deviation of a feature
 */
public record Collapse(double effectiveRank, double spread, double leastSpread) {
    private static final double RANK_SHARE = 0.05;
    private static final double LEAST_SPREAD = 0.01;

    /** Measures features {@code [B, N, D]}; at most 4096 tokens of them, equally spread. */
    static Collapse of(NDManager scope, Kernel kernel, NDArray features) {
        float[] numbers =
                kernel.call(scope, "richness", features).singletonOrThrow().toFloatArray();
        return new Collapse(numbers[0], numbers[1], numbers[2]);
    }

    static Kernel kernel(NDManager owner) {
        return Kernel.compile(owner, List.of("collapse"), Map.of());
    }

    /** Whether the features look collapsed: rank below 5 % of the width, or next to no spread. */
    public boolean isCollapsed(int width) {
        return effectiveRank < Math.max(2, RANK_SHARE * width) || spread < LEAST_SPREAD;
    }
}
