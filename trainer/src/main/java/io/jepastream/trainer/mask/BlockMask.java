package io.jepastream.trainer.mask;

/**
 * One kind of multi-block mask (arXiv:2404.08471, section 3.2; the released models use a short-range one of 8 small
 * blocks and a long-range one of 2 large blocks).
 *
 * @param numBlocks blocks whose union is hidden
 * @param spatialScale share of a frame that one block covers, 0 to 1
 * @param temporalScale share of the clip that one block covers, 0 to 1
 * @param aspectRatio height over width of a block
 * @param maxTemporalKeep share of the clip that the context may come from, 0 to 1; below 1 is the causal variant
 * @param maxKeep most context tokens; 0 for no limit
 * @param complement what the lists become after they were cut to one length
 */
public record BlockMask(
        int numBlocks,
        Range spatialScale,
        Range temporalScale,
        Range aspectRatio,
        double maxTemporalKeep,
        int maxKeep,
        Complement complement) {
    /** Ratios 3:4 to 3:2, as in every released configuration. */
    private static final Range ASPECT = new Range(0.75, 1.5);

    /** A closed range. */
    public record Range(double min, double max) {
        /** The number at {@code share} of the way, 0 to 1. */
        double at(double share) {
            return min + share * (max - min);
        }
    }

    /** What is done to the lists at the end. */
    public enum Complement {
        /** Nothing: tokens that were cut away are in neither list. */
        NONE,
        /** Targets become everything that is not context. */
        TARGET,
        /** Context becomes everything that is not target. */
        CONTEXT,
        /** Context and targets change places. */
        SWAP
    }

    public BlockMask {
        require(numBlocks > 0, "num_blocks: want 1 or more, got %s", numBlocks);
        require(fits(spatialScale, 1), "spatial_scale: want ascending shares above 0 up to 1, got %s", spatialScale);
        require(fits(temporalScale, 1), "temporal_scale: want ascending shares above 0 up to 1, got %s", temporalScale);
        require(fits(aspectRatio, 100), "aspect_ratio: want ascending ratios above 0, got %s", aspectRatio);
        require(
                maxTemporalKeep > 0 && maxTemporalKeep <= 1,
                "max_temporal_keep: want above 0 up to 1, got %s",
                maxTemporalKeep);
        require(maxKeep >= 0, "max_keep: want 0 or more, got %s", maxKeep);
    }

    /** The short-range mask of the released models: 8 blocks of 15 % of the frame, all of the time. */
    public static BlockMask shortRange() {
        return of(8, 0.15, 1);
    }

    /** The long-range mask of the released models: 2 blocks of 70 % of the frame, all of the time. */
    public static BlockMask longRange() {
        return of(2, 0.7, 1);
    }

    /** Blocks of one size, with the released aspect ratios. */
    public static BlockMask of(int numBlocks, double spatialScale, double maxTemporalKeep) {
        return new BlockMask(
                numBlocks,
                new Range(spatialScale, spatialScale),
                new Range(1, 1),
                ASPECT,
                maxTemporalKeep,
                0,
                Complement.NONE);
    }

    private static boolean fits(Range range, double most) {
        return range.min() > 0 && range.min() <= range.max() && range.max() <= most;
    }

    private static void require(boolean condition, String message, Object got) {
        if (!condition) {
            throw new IllegalArgumentException("mask: " + message.formatted(got));
        }
    }
}
