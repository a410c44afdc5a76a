package io.jepastream.trainer.pretrain;

/**
 * What is minimised.
 *
 * @param lossExp exponent of the error, 1 for L1 (V-JEPA) or 2; the sum is divided by it
 * @param spreadWeight weight of a term against features that do not vary over a clip; 0 in every released recipe
 * @param contextWeight weight of the loss on visible tokens; 0 before V-JEPA 2.1
 * @param weighDistance whether that loss counts less the farther a token is from the nearest hidden one
 * @param pixels whether pixels are predicted in place of features, each cell's to mean 0 and deviation 1 as in masked
 *     autoencoders: the comparison of arXiv:2404.08471, Table 1
 * @param whiten whether targets are, after their layer norm, centred and whitened over all tokens of the forward pass, so
 *     that no direction outweighs the others: after arXiv:2007.06346, but by the symmetric root (ZCA), where that whitens by
 *     Cholesky, and targets alone. Not of V-JEPA; for small runs, whose features otherwise fall together
 */
public record Objective(
        double lossExp,
        double spreadWeight,
        double contextWeight,
        boolean weighDistance,
        boolean pixels,
        boolean whiten) {
    /** Of V-JEPA 1 and 2. */
    public static final Objective FEATURES = new Objective(1, 0, 0, false, false, false);

    /** Of V-JEPA 2.1. */
    public static final Objective DENSE = new Objective(1, 0, 0.5, true, false, false);

    public Objective {
        if (!(lossExp > 0) || !(spreadWeight >= 0) || !(contextWeight >= 0)) {
            throw new IllegalArgumentException("objective: want loss_exp above 0 and weights from 0, got %s, %s, %s"
                    .formatted(lossExp, spreadWeight, contextWeight));
        }
        if (pixels && whiten) {
            throw new IllegalArgumentException("objective: want pixels or whitened features as targets, got both");
        }
    }
}
