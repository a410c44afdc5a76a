package io.jepastream.encoder;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Architecture of a video encoder.
 *
 * @param family generation, which decides the position rules
 * @param imgHeight pixels of the clips it was built for
 * @param imgWidth pixels of the clips it was built for
 * @param patchSize side of a patch in pixels
 * @param numFrames frames of the clips it was built for; 1 makes an image model
 * @param tubeletSize frames of a tubelet
 * @param inChans colour channels
 * @param embedDim width D, a multiple of {@code numHeads}
 * @param depth number of transformer blocks
 * @param numHeads attention heads
 * @param mlpRatio hidden width of the feed-forward part over D
 * @param qkvBias whether the attention projections carry a bias
 * @param uniformPower sin-cos table with equal widths per axis
 * @param useRope rotary positions instead of a table
 * @param useSilu gated feed-forward part
 * @param wideSilu gated part narrowed to two thirds, rounded up to a multiple of 8
 * @param normEps epsilon of every layer norm
 * @param dense options of V-JEPA 2.1
 */
public record EncoderConfig(
        Family family,
        int imgHeight,
        int imgWidth,
        int patchSize,
        int numFrames,
        int tubeletSize,
        int inChans,
        int embedDim,
        int depth,
        int numHeads,
        double mlpRatio,
        boolean qkvBias,
        boolean uniformPower,
        boolean useRope,
        boolean useSilu,
        boolean wideSilu,
        double normEps,
        DenseConfig dense) {

    /** Width, depth, heads and feed-forward ratio of an official size. */
    private record Size(int dim, int depth, int heads, double ratio) {}

    // VJEPA sizes; "gigantic" keeps ratio 4: the intended 64/13 was lost to a typo in the reference.
    private static final Map<String, Size> SIZES = Map.of(
            "vit_tiny", new Size(192, 12, 3, 4),
            "vit_small", new Size(384, 12, 6, 4),
            "vit_base", new Size(768, 12, 12, 4),
            "vit_large", new Size(1024, 24, 16, 4),
            "vit_huge", new Size(1280, 32, 16, 4),
            "vit_giant", new Size(1408, 40, 16, 48.0 / 11),
            "vit_giant_xformers", new Size(1408, 40, 22, 48.0 / 11),
            "vit_gigantic", new Size(1664, 48, 16, 4));

    private static final Map<String, Size> SIZES_21 = Map.of(
            "vit_base", new Size(768, 12, 12, 4),
            "vit_large", new Size(1024, 24, 16, 4),
            "vit_giant_xformers", new Size(1408, 40, 22, 48.0 / 11),
            "vit_gigantic_xformers", new Size(1664, 48, 26, 64.0 / 13));

    // Below, no channel of a head would turn; V-JEPA 2 has always asked for more.
    private static final int LEAST_HEAD_21 = 6;
    private static final int LEAST_HEAD = 12;

    // Far beyond every model there is; a configuration from anywhere must not ask for all of the memory.
    static final int MOST_SIDE = 8192;
    static final int MOST_FRAMES = 4096;
    static final int MOST_CHANNELS = 1024;
    static final int MOST_WIDTH = 1 << 16;
    static final int MOST_BLOCKS = 1024;
    static final int MOST_RATIO = 64;
    static final long MOST_VALUES = 1 << 29; // of all tokens, as a tensor holds 2 GiB

    public EncoderConfig {
        requireAtMost(MOST_SIDE, "img_size", Math.max(imgHeight, imgWidth));
        requireAtMost(MOST_FRAMES, "num_frames", Math.max(numFrames, tubeletSize));
        requireAtMost(MOST_CHANNELS, "in_chans", inChans);
        requireAtMost(MOST_WIDTH, "embed_dim", embedDim);
        requireAtMost(MOST_BLOCKS, "depth", depth);
        requireAtMost(MOST_RATIO, "mlp_ratio", mlpRatio);
        requireAtMost(1, "norm_eps", normEps);
        require(imgHeight > 0 && imgWidth > 0, "img_size: want positive, got %d x %d", imgHeight, imgWidth);
        require(patchSize > 0, "patch_size: want positive, got %d", patchSize);
        require(
                imgHeight % patchSize == 0 && imgWidth % patchSize == 0,
                "img_size: want a multiple of patch_size %d, got %d x %d",
                patchSize,
                imgHeight,
                imgWidth);
        require(tubeletSize > 0, "tubelet_size: want positive, got %d", tubeletSize);
        require(
                numFrames == 1 || (numFrames > 0 && numFrames % tubeletSize == 0),
                "num_frames: want 1 or a multiple of tubelet_size %d, got %d",
                tubeletSize,
                numFrames);
        require(inChans > 0 && depth > 0, "in_chans and depth: want positive, got %d, %d", inChans, depth);
        require(
                numHeads > 0 && embedDim > 0 && embedDim % numHeads == 0,
                "embed_dim: want a positive multiple of num_heads %d, got %d",
                numHeads,
                embedDim);
        require(mlpRatio > 0, "mlp_ratio: want positive, got %s", mlpRatio);
        require(normEps > 0, "norm_eps: want positive, got %s", normEps);
        int leastHead = family == Family.VJEPA21 ? LEAST_HEAD_21 : LEAST_HEAD;
        require(
                !useRope || embedDim / numHeads >= leastHead,
                "embed_dim / num_heads: want at least %d for rotary positions, got %d",
                leastHead,
                embedDim / numHeads);
        dense.requireFits(family, depth, numFrames, patchSize, useRope);
        long time = numFrames == 1 ? 1 : numFrames / tubeletSize;
        long tokens = time * (imgHeight / patchSize) * (imgWidth / patchSize);
        require(
                tokens * embedDim <= MOST_VALUES,
                "tokens times embed_dim: want at most %d, got %d of %d",
                MOST_VALUES,
                tokens,
                embedDim);
    }

    /** Starts from the defaults of {@link Builder}. */
    public static Builder builder(Family family) {
        return new Builder(family);
    }

    /**
     * Starts from an official size, {@code vit_tiny} to {@code vit_gigantic}; sincos or rotary by family, 224 or 256
     * pixels, 16 frames. V-JEPA 2.1 has {@code vit_base}, {@code vit_large}, {@code vit_giant_xformers} and
     * {@code vit_gigantic_xformers}, of 384 pixels and 64 frames.
     */
    public static Builder builder(Family family, String size) {
        Map<String, Size> sizes = family == Family.VJEPA21 ? SIZES_21 : SIZES;
        Size s = sizes.get(size.toLowerCase(Locale.ROOT));
        if (s == null) {
            throw new IllegalArgumentException("size: want one of %s, got '%s'"
                    .formatted(sizes.keySet().stream().sorted().toList(), size));
        }
        return new Builder(family)
                .imgSize(officialSide(family))
                .numFrames(family == Family.VJEPA21 ? 64 : 16)
                .embedDim(s.dim())
                .depth(s.depth())
                .numHeads(s.heads())
                .mlpRatio(s.ratio());
    }

    /** Names of the official sizes of a generation, sorted. */
    public static List<String> sizes(Family family) {
        return (family == Family.VJEPA21 ? SIZES_21 : SIZES)
                .keySet().stream().sorted().toList();
    }

    private static int officialSide(Family family) {
        return switch (family) {
            case VJEPA1 -> 224;
            case VJEPA2 -> 256;
            case VJEPA21 -> 384;
        };
    }

    /**
     * Blocks, from 0, that {@link VideoEncoder#encodeHierarchical} puts side by side: of V-JEPA 2.1 four by depth, or the
     * last with one output level; of the others the last.
     */
    public List<Integer> outputBlocks() {
        return dense.outputLevels() == DenseConfig.LEVELS ? levelBlocks() : List.of(depth - 1);
    }

    /** Blocks with a norm of their own; none before V-JEPA 2.1. */
    public List<Integer> levelBlocks() {
        return family == Family.VJEPA21 ? DenseConfig.levelBlocks(depth) : List.of();
    }

    /** Whether it takes single images only, through a two-dimensional patch convolution. */
    public boolean isImage() {
        return numFrames == 1;
    }

    /** Token slices along time of the clips it was built for. */
    public int gridTime() {
        return isImage() ? 1 : numFrames / tubeletSize;
    }

    public int gridHeight() {
        return imgHeight / patchSize;
    }

    public int gridWidth() {
        return imgWidth / patchSize;
    }

    /** Number of tokens N of the clips it was built for. */
    public int tokens() {
        return gridTime() * gridHeight() * gridWidth();
    }

    int hidden() {
        return hidden(embedDim, mlpRatio, useSilu, wideSilu);
    }

    static int hidden(int dim, double ratio, boolean useSilu, boolean wideSilu) {
        int hidden = (int) (dim * ratio);
        return useSilu && wideSilu ? (2 * hidden / 3 + 7) / 8 * 8 : hidden;
    }

    static void requireAtMost(double most, String what, double got) {
        require(got <= most, "%s: want at most %.0f, got %s", what, most, got);
    }

    static void require(boolean condition, String message, Object... values) {
        if (!condition) {
            throw new IllegalArgumentException(String.format(Locale.ROOT, message, values));
        }
    }

    /** Collects a configuration. Defaults live here and nowhere else. */
    public static final class Builder {
        private final Family family;
        private int imgHeight = 224;
        private int imgWidth = 224;
        private int patchSize = 16;
        private int numFrames = 16;
        private int tubeletSize = 2;
        private int inChans = 3;
        private int embedDim = 1024;
        private int depth = 24;
        private int numHeads = 16;
        private double mlpRatio = 4;
        private boolean qkvBias = true;
        private boolean uniformPower;
        private boolean useRope;
        private boolean useSilu;
        private boolean wideSilu = true;
        private double normEps = 1e-6;
        private DenseConfig dense;

        Builder(Family family) {
            this.family = family;
            this.uniformPower = family == Family.VJEPA1; // as in every official V-JEPA 1 configuration
            this.useRope = family != Family.VJEPA1;
            this.dense = family == Family.VJEPA21 ? DenseConfig.OFFICIAL : DenseConfig.NONE;
        }

        public Builder imgSize(int side) {
            return imgSize(side, side);
        }

        public Builder imgSize(int height, int width) {
            this.imgHeight = height;
            this.imgWidth = width;
            return this;
        }

        public Builder patchSize(int pixels) {
            this.patchSize = pixels;
            return this;
        }

        public Builder numFrames(int frames) {
            this.numFrames = frames;
            return this;
        }

        public Builder tubeletSize(int frames) {
            this.tubeletSize = frames;
            return this;
        }

        public Builder inChans(int channels) {
            this.inChans = channels;
            return this;
        }

        public Builder embedDim(int width) {
            this.embedDim = width;
            return this;
        }

        public Builder depth(int blocks) {
            this.depth = blocks;
            return this;
        }

        public Builder numHeads(int heads) {
            this.numHeads = heads;
            return this;
        }

        public Builder mlpRatio(double ratio) {
            this.mlpRatio = ratio;
            return this;
        }

        public Builder qkvBias(boolean bias) {
            this.qkvBias = bias;
            return this;
        }

        public Builder uniformPower(boolean uniform) {
            this.uniformPower = uniform;
            return this;
        }

        public Builder useRope(boolean rope) {
            this.useRope = rope;
            return this;
        }

        public Builder silu(boolean use, boolean wide) {
            this.useSilu = use;
            this.wideSilu = wide;
            return this;
        }

        public Builder normEps(double eps) {
            this.normEps = eps;
            return this;
        }

        public Builder dense(DenseConfig options) {
            this.dense = options;
            return this;
        }

        /** Checks everything. */
        public EncoderConfig build() {
            return new EncoderConfig(
                    family,
                    imgHeight,
                    imgWidth,
                    patchSize,
                    numFrames,
                    tubeletSize,
                    inChans,
                    embedDim,
                    depth,
                    numHeads,
                    mlpRatio,
                    qkvBias,
                    uniformPower,
                    useRope,
                    useSilu,
                    wideSilu,
                    normEps,
                    dense);
        }
    }
}
