package io.jepastream.trainer.mask;

import java.util.BitSet;
import java.util.List;

/**
 * Hides the same random cells in every slice of time (the random-tube of arXiv:2404.08471, Table 4). Cells are shuffled
 * by the run's generator; the reference shuffles by NumPy's, so that only the counts agree with it.
 */
public final class RandomTubeMasks implements Masks {
    private final TokenGrid grid;
    private final int kept;

    /**
     * Fixes how many cells are kept.
     *
     * @param ratio share of the cells that is hidden, 0 to 1, both excluded
     */
    public RandomTubeMasks(double ratio, TokenGrid grid) {
        int cells = grid.height() * grid.width();
        this.grid = grid;
        this.kept = (int) (cells * (1. - ratio)); // in floating point: 0.9 of 196 keeps 19
        if (!(ratio > 0) || kept < 1 || kept == cells) {
            throw new IllegalArgumentException(
                    "mask: ratio: want a share that hides some of %d cells and keeps some, got %s"
                            .formatted(cells, ratio));
        }
    }

    @Override
    public MaskPair next(int batch, TorchRandom random) {
        int cells = grid.height() * grid.width();
        int[][] context = new int[batch][];
        int[][] target = new int[batch][];
        for (int sample = 0; sample < batch; sample++) {
            BitSet shown = new BitSet(grid.tokens());
            for (int cell : shuffled(cells, random)) {
                for (int t = 0; t < grid.time(); t++) {
                    shown.set(t * cells + cell);
                }
            }
            MaskPair one = MultiBlockMasks.collate(BlockMask.longRange(), grid, List.of(shown));
            context[sample] = one.context(0);
            target[sample] = one.target(0);
        }
        return new MaskPair(context, target);
    }

    /** The kept cells: the first of a random order (Fisher and Yates). */
    private int[] shuffled(int cells, TorchRandom random) {
        int[] order = new int[cells];
        for (int i = 0; i < cells; i++) {
            order[i] = i;
        }
        int[] first = new int[kept];
        for (int i = 0; i < kept; i++) {
            int j = i + random.below(cells - i);
            first[i] = order[j];
            order[j] = order[i];
        }
        return first;
    }

    @Override
    public void skip(long steps) {
        // Nothing is counted: everything comes from the run's generator.
    }
}
