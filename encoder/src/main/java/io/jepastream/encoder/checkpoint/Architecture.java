package io.jepastream.encoder.checkpoint;

import io.jepastream.encoder.DenseConfig;
import io.jepastream.encoder.DensePredictorConfig;
import io.jepastream.encoder.EncoderConfig;
import io.jepastream.encoder.Family;
import io.jepastream.encoder.PredictorConfig;
import java.util.List;

/** Reads an architecture off names and shapes; the attention heads, which no shape tells, from the official sizes. */
final class Architecture {
    // Where two sizes share their shapes the released one comes first: ViT-g has 22 heads, not 16.
    private static final List<String> SIZES =
            List.of("vit_tiny", "vit_small", "vit_base", "vit_large", "vit_huge", "vit_giant_xformers", "vit_gigantic");
    private static final List<String> SIZES_21 =
            List.of("vit_base", "vit_large", "vit_giant_xformers", "vit_gigantic_xformers");
    private static final int OFFICIAL_PREDICTOR_WIDTH = 384;
    private static final int GIANT_WIDTH = 1408;
    private static final int V1_MASK_TOKENS = 2;
    private static final int V1_FRAMES = 16;
    private static final int V2_FRAMES = 64;
    private static final int V2_SIDE = 256;
    private static final String POSITIONS = "pos_embed";
    private static final String PATCHES = "patch_embed.proj.weight";
    private static final String GIVE_ONE = "; give the configuration";

    private Architecture() {}

    /**
     * V-JEPA 1 has a position table. Released V-JEPA 2 files may carry one too, unused; they are known by the width of
     * ViT-g, which V-JEPA 1 never had, or by more mask tokens than its two. V-JEPA 2.1 has norms of levels and no final
     * one.
     */
    static Family family(StateDict encoder, int maskTokens) throws CheckpointException {
        if (encoder.has("norms_block.0.weight") && !encoder.has("norm.weight")) {
            return Family.VJEPA21;
        }
        boolean second = !encoder.has(POSITIONS)
                || maskTokens > V1_MASK_TOKENS
                || encoder.shape("norm.weight", 1)[0] == GIANT_WIDTH;
        return second ? Family.VJEPA2 : Family.VJEPA1;
    }

    static EncoderConfig encoder(StateDict state, Family family) throws CheckpointException {
        return encoder(state, family, family == Family.VJEPA21 ? SIZES_21 : SIZES);
    }

    /** As {@link #encoder(StateDict, Family)}, of one of these official sizes. */
    static EncoderConfig encoder(StateDict state, Family family, List<String> sizes) throws CheckpointException {
        long[] patches = state.shape(PATCHES, 5);
        int dim = (int) patches[0];
        int depth = state.count("blocks.", ".norm1.weight");
        if (state.has("blocks.0.mlp.fc3.weight")) {
            throw state.bad("want a plain feed-forward part, got a gated one" + GIVE_ONE);
        }
        EncoderConfig size = official(state, family, sizes, dim, depth);
        int hidden = (int) state.shape("blocks.0.mlp.fc1.weight", 2)[0];
        int frames = family == Family.VJEPA1 ? V1_FRAMES : V2_FRAMES; // V-JEPA 2.1 as V-JEPA 2
        int tubelet = (int) patches[2];
        int patch = (int) patches[3];
        if (patch > V2_SIDE || frames % tubelet != 0) {
            throw state.bad("'%s': want a tubelet that divides %d frames, of at most %d pixels, got %d and %d%s"
                    .formatted(PATCHES, frames, V2_SIDE, tubelet, patch, GIVE_ONE));
        }
        return EncoderConfig.builder(family)
                .imgSize(
                        family == Family.VJEPA21
                                ? size.imgHeight() / patch * patch
                                : side(state, family, frames / tubelet, patch))
                .patchSize(patch)
                .numFrames(frames)
                .tubeletSize(tubelet)
                .inChans((int) patches[1])
                .embedDim(dim)
                .depth(depth)
                .numHeads(size.numHeads())
                .mlpRatio(hidden == (int) (dim * size.mlpRatio()) ? size.mlpRatio() : ratio(hidden, dim))
                .qkvBias(state.has("blocks.0.attn.qkv.bias"))
                .dense(dense(state, size.dense()))
                .build();
    }

    private static DenseConfig dense(StateDict state, DenseConfig official) {
        return new DenseConfig(
                official.interpolateRope(),
                official.modalityEmbedding() && state.has("video_mod_embed"),
                official.outputLevels());
    }

    private static EncoderConfig official(StateDict state, Family family, List<String> sizes, int dim, int depth)
            throws CheckpointException {
        for (String name : sizes) {
            EncoderConfig size = EncoderConfig.builder(family, name).build();
            if (size.embedDim() == dim && size.depth() == depth) {
                return size;
            }
        }
        throw state.bad("want one of the official sizes %s, got width %d and %d blocks, which do not tell the heads%s"
                .formatted(sizes, dim, depth, GIVE_ONE));
    }

    /** Pixels of a side: from the position table where there is one that fits, else what V-JEPA 2 was released for. */
    private static int side(StateDict state, Family family, int gridTime, int patch) throws CheckpointException {
        long tokens = state.has(POSITIONS) ? state.shape(POSITIONS, 3)[1] : 0;
        int grid = (int) Math.round(Math.sqrt((double) tokens / gridTime));
        if (tokens > 0 && (long) grid * grid * gridTime == tokens) {
            return grid * patch;
        }
        if (family == Family.VJEPA1) {
            throw state.bad("'%s': want %d square grids of tokens, got %d tokens%s"
                    .formatted(POSITIONS, gridTime, tokens, GIVE_ONE));
        }
        return V2_SIDE / patch * patch;
    }

    /** A ratio that gives back {@code hidden} when the product is cut to an integer. */
    private static double ratio(int hidden, int dim) {
        double ratio = (double) hidden / dim;
        return (int) (dim * ratio) == hidden ? ratio : Math.nextUp(ratio);
    }

    static PredictorConfig predictor(StateDict state, EncoderConfig encoder) throws CheckpointException {
        String last = state.has("predictor_embed.0.weight") ? "predictor_embed.2.weight" : "predictor_embed.weight";
        int width = (int) state.shape(last, 2)[0];
        PredictorConfig official = PredictorConfig.officialFor(encoder);
        if (width != OFFICIAL_PREDICTOR_WIDTH) {
            throw state.bad("want the official width %d, got %d, which does not tell the heads%s"
                    .formatted(OFFICIAL_PREDICTOR_WIDTH, width, GIVE_ONE));
        }
        int hidden = (int) state.shape("predictor_blocks.0.mlp.fc1.weight", 2)[0];
        int maskTokens = maskTokens(state);
        int depth = state.count("predictor_blocks.", ".norm1.weight");
        if (maskTokens == 0 || depth == 0) {
            throw state.bad("want at least one mask token and one block, got %d and %d".formatted(maskTokens, depth));
        }
        return new PredictorConfig(
                encoder.embedDim(),
                width,
                depth,
                official.numHeads(),
                ratio(hidden, width),
                maskTokens,
                state.has("predictor_blocks.0.attn.qkv.bias"),
                official.useRope(),
                official.uniformPower(),
                official.useSilu(),
                official.wideSilu(),
                official.normEps(),
                densePredictor(state, encoder));
    }

    private static DensePredictorConfig densePredictor(StateDict state, EncoderConfig encoder)
            throws CheckpointException {
        if (encoder.family() != Family.VJEPA21) {
            return DensePredictorConfig.NONE;
        }
        DensePredictorConfig official = PredictorConfig.officialFor(encoder).dense();
        return new DensePredictorConfig(
                state.has("predictor_embed.0.weight") ? DenseConfig.LEVELS : 1,
                (int) state.shape("predictor_proj.weight", 2)[0],
                official.interpolateRope(),
                state.has("video_mod_embed"),
                state.has("predictor_proj_context.weight"));
    }

    static int maskTokens(StateDict predictor) {
        return predictor.count("mask_tokens.", "");
    }
}
