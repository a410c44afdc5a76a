package io.jepastream.encoder;

import java.util.List;
import java.util.Locale;

/**
 * What V-JEPA 2.1 adds to an encoder (arXiv:2603.14482); {@link #NONE} for the generations before it. A clip of one
 * frame then has patches of its own, and four blocks have a norm each in place of the one final norm.
 *
 * @param interpolateRope rotary rows and columns are stretched to the 16 x 16 grid of 256 pixels, each axis by itself
 * @param modalityEmbedding a learned vector on every token tells video from image
 * @param outputLevels levels of the training output: 4, or 1 for the last one alone; 0 before V-JEPA 2.1
 */
public record DenseConfig(boolean interpolateRope, boolean modalityEmbedding, int outputLevels) {
    /** Number of blocks with a norm of their own, whatever the training output takes of them. */
    public static final int LEVELS = 4;

    /** V-JEPA 1 and 2: nothing of it. */
    public static final DenseConfig NONE = new DenseConfig(false, false, 0);

    /** As in every released V-JEPA 2.1 encoder. */
    public static final DenseConfig OFFICIAL = new DenseConfig(true, true, LEVELS);

    /** The blocks, from 0, whose outputs are levels. The reference knows these four depths only. */
    static List<Integer> levelBlocks(int depth) {
        return switch (depth) {
            case 12 -> List.of(2, 5, 8, 11);
            case 24 -> List.of(5, 11, 17, 23);
            case 40 -> List.of(9, 19, 29, 39);
            case 48 -> List.of(11, 23, 37, 47); // 37 breaks the step of 12, and the released weights are so
            default ->
                throw new IllegalArgumentException(
                        String.format(Locale.ROOT, "depth: want 12, 24, 40 or 48 for vjepa2.1, got %d", depth));
        };
    }

    /** Checks it against the rest of an encoder. */
    void requireFits(Family family, int depth, int numFrames, int patchSize, boolean useRope) {
        if (family != Family.VJEPA21) {
            EncoderConfig.require(equals(NONE), "%s: want no options of vjepa2.1, got %s", family.id(), this);
            return;
        }
        EncoderConfig.require(
                outputLevels == 1 || outputLevels == LEVELS,
                "n_output_distillation: want 1 or %d, got %d",
                LEVELS,
                outputLevels);
        EncoderConfig.require(useRope, "use_rope: want true for vjepa2.1, which has no position table, got false");
        EncoderConfig.require(
                numFrames > 1, "num_frames: want 2 or more for vjepa2.1, which takes images too, got %d", numFrames);
        levelBlocks(depth);
        Rope.span(interpolateRope, patchSize);
    }
}
