package io.jepastream.trainer.mask;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * Hides the union of random blocks (arXiv:2404.08471, section 3.2), draw for draw as the reference does.
 *
 * <p>The size of the blocks is drawn once per step from a generator seeded with the step's number alone: it is the same
 * for every run, and the same random numbers shape the short-range and the long-range blocks of a step. Where the
 * blocks lie comes from the run's generator. All samples of a batch are cut to the shortest list, which drops the tokens
 * with the highest numbers: the context leans to the early frames, and the masked share depends on the batch size.
 * Released models were trained so.
 */
public final class MultiBlockMasks implements Masks {
    private static final int MOST_TRIES = 10_000;

    private final BlockMask config;
    private final TokenGrid grid;
    private long step = -1;

    /** Starts at the first step. */
    public MultiBlockMasks(BlockMask config, TokenGrid grid) {
        this.config = config;
        this.grid = grid;
    }

    /** Sides of a block in tokens. */
    public record Block(int time, int height, int width) {}

    @Override
    public MaskPair next(int batch, TorchRandom random) {
        step++;
        Block block = block(config, grid, step);
        if (block.height() == 0 || block.width() == 0) {
            throw new IllegalArgumentException(
                    "mask: want blocks of one token or more, got %s with %s on %s".formatted(block, config, grid));
        }
        List<BitSet> contexts = new ArrayList<>();
        for (int tries = 0; contexts.size() < batch; tries++) {
            if (tries == MOST_TRIES * batch) {
                throw new IllegalStateException(
                        "masks: want blocks that leave some context, got none in %d tries with %s on %s"
                                .formatted(tries, config, grid));
            }
            BitSet context = context(config, grid, block, corners(block, random));
            if (!context.isEmpty()) {
                contexts.add(context);
            }
        }
        return collate(config, grid, contexts);
    }

    @Override
    public void skip(long steps) {
        step += steps;
    }

    /** The size of a step's blocks. */
    static Block block(BlockMask config, TokenGrid grid, long step) {
        TorchRandom own = new TorchRandom(step);
        double temporal = config.temporalScale().at(own.uniform());
        double spatial = config.spatialScale().at(own.uniform());
        double aspect = config.aspectRatio().at(own.uniform());
        int time = Math.max(1, (int) (grid.time() * temporal));
        int cells = (int) (grid.height() * grid.width() * spatial);
        // Halves to even, as Python rounds.
        int height = (int) Math.rint(Math.sqrt(cells * aspect));
        int width = (int) Math.rint(Math.sqrt(cells / aspect));
        return new Block(time, Math.min(height, grid.height()), Math.min(width, grid.width()));
    }

    /** Top, left and start of every block; all three are drawn even where there is only one choice. */
    private int[][] corners(Block block, TorchRandom random) {
        int[][] corners = new int[config.numBlocks()][];
        for (int i = 0; i < corners.length; i++) {
            corners[i] = new int[] {
                random.below(grid.height() - block.height() + 1),
                random.below(grid.width() - block.width() + 1),
                random.below(grid.time() - block.time() + 1)
            };
        }
        return corners;
    }

    /** Tokens outside of all blocks, and not past the last slice that the context may come from. */
    static BitSet context(BlockMask config, TokenGrid grid, Block block, int[][] corners) {
        BitSet context = new BitSet(grid.tokens());
        int slices = Math.max(1, (int) (grid.time() * config.maxTemporalKeep()));
        context.set(0, Math.min(slices, grid.time()) * grid.height() * grid.width());
        for (int[] corner : corners) {
            for (int t = corner[2]; t < corner[2] + block.time(); t++) {
                for (int y = corner[0]; y < corner[0] + block.height(); y++) {
                    int row = (t * grid.height() + y) * grid.width() + corner[1];
                    context.clear(row, row + block.width());
                }
            }
        }
        return context;
    }

    /** Cuts all samples to the same lengths. */
    static MaskPair collate(BlockMask config, TokenGrid grid, List<BitSet> contexts) {
        int tokens = grid.tokens();
        int keep = contexts.stream().mapToInt(BitSet::cardinality).min().orElse(0);
        int predict =
                tokens - contexts.stream().mapToInt(BitSet::cardinality).max().orElse(0);
        int shown = config.maxKeep() == 0 ? keep : Math.min(keep, config.maxKeep());
        int[][] context = new int[contexts.size()][];
        int[][] target = new int[contexts.size()][];
        for (int i = 0; i < context.length; i++) {
            int[] ids = contexts.get(i).stream().limit(shown).toArray();
            int[] rest = complement(contexts.get(i).stream().toArray(), tokens);
            int[] hidden = Arrays.copyOf(rest, predict);
            switch (config.complement()) {
                case NONE -> put(context, target, i, ids, hidden);
                case TARGET -> put(context, target, i, ids, complement(ids, tokens));
                case CONTEXT -> put(context, target, i, complement(hidden, tokens), hidden);
                case SWAP -> put(context, target, i, hidden, ids);
            }
        }
        return new MaskPair(context, target);
    }

    private static void put(int[][] context, int[][] target, int sample, int[] shown, int[] hidden) {
        context[sample] = shown;
        target[sample] = hidden;
    }

    private static int[] complement(int[] ids, int tokens) {
        BitSet rest = new BitSet(tokens);
        rest.set(0, tokens);
        for (int id : ids) {
            rest.clear(id);
        }
        return rest.stream().toArray();
    }
}
