package io.jepastream.encoder;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import io.jepastream.encoder.tensor.Attention;
import io.jepastream.encoder.tensor.HostTensor;
import io.jepastream.encoder.tensor.Kernel;
import io.jepastream.encoder.tensor.KernelBlock;
import io.jepastream.encoder.tensor.Precision;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Video encoder: pixels in, one embedding per tubelet out (arXiv:2404.08471, section 3; rotary positions as in
 * arXiv:2506.09985; images and levels as in arXiv:2603.14482).
 *
 * <p>{@code B} clips, {@code T} frames, {@code H x W} pixels, {@code D} width, {@code N} tokens in (time, row, column)
 * order. Clips are float32 with mean and deviation removed, or uint8 RGB, which is normalised on the device. Results
 * are float32 and belong to the manager given to the call. Everything runs on the thread of one device.
 *
 * <p>V-JEPA 2.1 takes a clip of one frame as an image; an odd last frame, and rows and columns past the last whole patch,
 * are dropped there as in the reference. The generations before it refuse such clips.
 */
public final class VideoEncoder extends KernelBlock implements AutoCloseable {
    private static final String POS_EMBED = "pos_embed";
    private static final String IMAGE_PATCHES = "patch_embed_img.proj";
    private static final String IMAGE_VECTOR = "img_mod_embed";
    private static final String VIDEO_VECTOR = "video_mod_embed";

    private final EncoderConfig config;
    private final Kernel kernel;
    private final NDList weights;
    private final NDArray stats;
    private final NDArray omega;
    private final GridPositions positions;

    private VideoEncoder(
            NDManager owner,
            EncoderConfig config,
            Precision precision,
            String attention,
            Map<String, HostTensor> state) {
        super(shapes(config));
        this.config = config;
        load(owner, state, "encoder");
        this.kernel = Kernel.compile(
                owner, List.of("transformer", "rope", attention, "video_encoder"), constants(config, precision));
        NDList full = arrays(owner, kernelOrder(config));
        this.weights = precision == Precision.BF16 ? halved(owner, full) : full;
        this.stats = owner.create(pixelStats(), new Shape(2, 3, 1, 1, 1));
        this.omega = owner.create(rotaryFrequencies(config));
        this.positions = new GridPositions(owner, config, state);
    }

    /** Matrices as bfloat16; what they were made from is freed. */
    private NDList halved(NDManager owner, NDList full) {
        NDList half = kernel.call(owner, "to_bf16", full);
        full.forEach(NDArray::close); // a tensor that is the same in both lives on
        return half;
    }

    /**
     * Builds an encoder from its state dictionary.
     *
     * @param owner manager of everything it holds; also fixes the device
     * @param state tensors under their official names without wrapper prefixes
     */
    public static VideoEncoder load(
            NDManager owner, EncoderConfig config, Precision precision, Map<String, HostTensor> state) {
        String attention = Attention.fileFor(owner.getDevice(), precision, config.tokens());
        return new VideoEncoder(owner, config, precision, attention, state);
    }

    /**
     * As {@link #load(NDManager, EncoderConfig, Precision, Map)} with an attention that is not the device's best, to compare.
     *
     * @param attention name of a kernel file, such as {@code attention_fused}
     */
    public static VideoEncoder load(
            NDManager owner,
            EncoderConfig config,
            Precision precision,
            String attention,
            Map<String, HostTensor> state) {
        return new VideoEncoder(owner, config, precision, attention, state);
    }

    /** Official parameter names and shapes. */
    public static Map<String, Shape> shapes(EncoderConfig config) {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        int dim = config.embedDim();
        int patch = config.patchSize();
        if (config.dense().modalityEmbedding()) {
            shapes.put(IMAGE_VECTOR, new Shape(1, 1, dim));
            shapes.put(VIDEO_VECTOR, new Shape(1, 1, dim));
        }
        if (!config.useRope()) {
            shapes.put(POS_EMBED, new Shape(1, config.tokens(), dim));
        }
        shapes.put(
                "patch_embed.proj.weight",
                config.isImage()
                        ? new Shape(dim, config.inChans(), patch, patch)
                        : new Shape(dim, config.inChans(), config.tubeletSize(), patch, patch));
        shapes.put("patch_embed.proj.bias", new Shape(dim));
        if (config.family() == Family.VJEPA21) {
            shapes.put(IMAGE_PATCHES + ".weight", new Shape(dim, config.inChans(), 1, patch, patch));
            shapes.put(IMAGE_PATCHES + ".bias", new Shape(dim));
        }
        for (int i = 0; i < config.depth(); i++) {
            String prefix = "blocks." + i + ".";
            TransformerShapes.block(shapes, prefix, dim, config.hidden(), config.qkvBias(), config.useSilu());
        }
        norms(config).forEach(norm -> TransformerShapes.norm(shapes, norm, dim));
        return shapes;
    }

    /** The norms, the final one last: V-JEPA 2.1 has one per level and no other. */
    private static List<String> norms(EncoderConfig config) {
        return config.family() == Family.VJEPA21
                ? IntStream.range(0, DenseConfig.LEVELS)
                        .mapToObj(i -> "norms_block." + i)
                        .toList()
                : List.of("norm");
    }

    /** The fixed {@code pos_embed}, {@code [1, N, D]} row by row, of an encoder without rotary positions. */
    public static float[] positionTable(EncoderConfig config) {
        return SinCos.table(config, config.embedDim(), config.uniformPower());
    }

    /** Parameter names in the order in which the kernel takes them; the fixed position table is not among them. */
    public static List<String> kernelOrder(EncoderConfig config) {
        List<String> names = new ArrayList<>(List.of("patch_embed.proj.weight", "patch_embed.proj.bias"));
        for (int i = 0; i < config.depth(); i++) {
            names.addAll(TransformerShapes.blockOrder("blocks." + i + ".", config.useSilu()));
        }
        if (config.family() == Family.VJEPA21) {
            names.addAll(List.of(IMAGE_PATCHES + ".weight", IMAGE_PATCHES + ".bias"));
        }
        if (config.dense().modalityEmbedding()) {
            names.addAll(List.of(VIDEO_VECTOR, IMAGE_VECTOR));
        }
        norms(config).forEach(norm -> names.addAll(List.of(norm + ".weight", norm + ".bias")));
        return names;
    }

    /** What {@code video_encoder.py} reads as {@code self.*}. */
    public static Map<String, Object> constants(EncoderConfig config, Precision precision) {
        return Map.ofEntries(
                Map.entry("bf16", precision == Precision.BF16),
                Map.entry("tubelet", config.isImage() ? 1 : config.tubeletSize()),
                Map.entry("patch", config.patchSize()),
                Map.entry("depth", config.depth()),
                Map.entry(
                        "stride",
                        TransformerShapes.blockOrder("", config.useSilu()).size()),
                Map.entry("heads", config.numHeads()),
                Map.entry("gated", config.useSilu()),
                Map.entry("eps", config.normEps()),
                Map.entry("dense", config.family() == Family.VJEPA21),
                Map.entry("modality", config.dense().modalityEmbedding()),
                Map.entry("span", Rope.span(config.dense().interpolateRope(), config.patchSize())));
    }

    /** Channel means, then deviations, of pixels in 0..1: the {@code stats} of the kernel. */
    public static float[] pixelStats() {
        return Normalisation.stats();
    }

    /** The {@code omega} of the kernel: frequencies of one axis, none without rotary positions. */
    public static float[] rotaryFrequencies(EncoderConfig config) {
        return config.useRope() ? Rope.omega(config.family(), config.embedDim() / config.numHeads()) : new float[0];
    }

    public EncoderConfig config() {
        return config;
    }

    /**
     * Embeds a batch. A still image is for V-JEPA 1 and 2 a clip that shows it in every frame: its tokens then differ over
     * time by their positions alone. V-JEPA 2.1 takes it as one frame.
     *
     * @param clip {@code [B, 3, T, H, W]}, or {@code [B, 3, H, W]} for an image model
     * @return {@code [B, N, D]}
     */
    public NDArray encode(NDManager scope, NDArray clip) {
        NDArray video = checked(clip);
        return kernel.call(scope, "encode", video, stats, positions.of(video), omega, weights)
                .singletonOrThrow();
    }

    /**
     * Embeds only the tokens that each mask names, which see only each other.
     *
     * @param masks int64 {@code [B, K_i]} token indices; a token keeps the place of its index
     * @return one {@code [B, K_i, D]} per mask, in the order of the mask's indices
     */
    public NDList encode(NDManager scope, NDArray clip, NDList masks) {
        NDArray video = checked(clip, masks);
        return kernel.call(scope, "encode_masked", video, stats, positions.of(video), omega, masks, weights);
    }

    /**
     * Outputs of several blocks: of V-JEPA 2.1 each through the norm of its own level, else through the one final norm.
     *
     * @param levels ascending block indices from 0; of V-JEPA 2.1 {@linkplain EncoderConfig#levelBlocks level blocks} only
     * @return one {@code [B, N, D]} per level
     */
    public NDList encodeLevels(NDManager scope, NDArray clip, int... levels) {
        NDArray video = checked(clip);
        try (NDArray wanted = wanted(scope, levels)) {
            return kernel.call(scope, "encode_levels", video, stats, positions.of(video), omega, wanted, weights);
        }
    }

    /**
     * The training output: the levels side by side, shallow first. With one output level, and before V-JEPA 2.1, that is
     * the output of {@link #encode(NDManager, NDArray)}.
     *
     * @return {@code [B, N, L D]}
     */
    public NDArray encodeHierarchical(NDManager scope, NDArray clip) {
        NDArray video = checked(clip);
        try (NDArray wanted = outputLevels(scope)) {
            return kernel.call(scope, "encode_wide", video, stats, positions.of(video), omega, wanted, weights)
                    .singletonOrThrow();
        }
    }

    /**
     * The training output of the tokens that each mask names, which see only each other.
     *
     * @param masks as in {@link #encode(NDManager, NDArray, NDList)}
     * @return one {@code [B, K_i, L D]} per mask
     */
    public NDList encodeHierarchical(NDManager scope, NDArray clip, NDList masks) {
        NDArray video = checked(clip, masks);
        try (NDArray wanted = outputLevels(scope)) {
            NDArray pos = positions.of(video);
            return kernel.call(scope, "encode_wide_masked", video, stats, pos, omega, masks, wanted, weights);
        }
    }

    private NDArray outputLevels(NDManager scope) {
        return wanted(
                scope,
                config.outputBlocks().stream().mapToInt(Integer::intValue).toArray());
    }

    private NDArray wanted(NDManager scope, int... levels) {
        return scope.create(levelNorms(config, levels), new Shape(levels.length, 2));
    }

    /**
     * The {@code wanted} of the kernel, {@code [L, 2]} row by row: blocks, and where their norms lie from the end of the
     * weights.
     *
     * @throws IllegalArgumentException for a block that has no output
     */
    public static long[] levelNorms(EncoderConfig config, int... levels) {
        List<Integer> own = config.levelBlocks();
        long[] pairs = new long[2 * levels.length];
        for (int i = 0; i < levels.length; i++) {
            int level = levels[i];
            if (own.isEmpty()) {
                int last = config.depth() - 1;
                EncoderConfig.require(level >= 0 && level <= last, "level: want 0..%d, got %d", last, level);
            } else {
                EncoderConfig.require(own.contains(level), "level: want one of %s, got %d", own, level);
            }
            pairs[2 * i] = level;
            pairs[2 * i + 1] = own.isEmpty() ? 2 : 2L * (own.size() - own.indexOf(level));
        }
        return pairs;
    }

    /**
     * Patch tokens, what the first block sees, every block's output before any norm, the final tokens; for parity checks.
     */
    public NDList trace(NDManager scope, NDArray clip) {
        NDArray video = checked(clip);
        return kernel.call(scope, "trace", video, stats, positions.of(video), omega, weights);
    }

    /** The position table {@code [1, N, D]} added for a clip of this shape; empty with rotary positions. */
    NDArray positionsFor(NDArray clip) {
        return positions.of(checked(clip));
    }

    private NDArray checked(NDArray clip, NDList masks) {
        NDArray video = checked(clip);
        for (int i = 0; i < masks.size(); i++) {
            requireMask(masks.get(i), i, video);
        }
        return video;
    }

    private NDArray checked(NDArray clip) {
        return config.family() == Family.VJEPA21 ? checkedDense(clip) : checkedWhole(clip);
    }

    private NDArray checkedDense(NDArray clip) {
        Shape v = clip.getShape();
        boolean fits = v.dimension() == 5
                && v.get(1) == config.inChans()
                && (v.get(2) == 1 || v.get(2) >= config.tubeletSize())
                && v.get(3) >= config.patchSize()
                && v.get(4) >= config.patchSize();
        EncoderConfig.require(
                fits,
                "clip: want [B, %d, T, H, W] with T 1 or from %d and H, W from %d, got %s",
                config.inChans(),
                config.tubeletSize(),
                config.patchSize(),
                v);
        requireType(clip);
        return clip;
    }

    private NDArray checkedWhole(NDArray clip) {
        Shape s = clip.getShape();
        boolean still = config.isImage() && s.dimension() == 4;
        NDArray video = still ? clip.expandDims(2) : clip;
        Shape v = video.getShape();
        boolean fits = v.dimension() == 5
                && v.get(1) == config.inChans()
                && v.get(2) > 0
                && (config.isImage() ? v.get(2) == 1 : v.get(2) % config.tubeletSize() == 0)
                && v.get(3) > 0
                && v.get(3) % config.patchSize() == 0
                && v.get(4) > 0
                && v.get(4) % config.patchSize() == 0;
        EncoderConfig.require(
                fits,
                "clip: want [B, %d, T, H, W] with T a multiple of %d and H, W multiples of %d, got %s",
                config.inChans(),
                config.isImage() ? 1 : config.tubeletSize(),
                config.patchSize(),
                s);
        requireType(clip);
        return video;
    }

    private static void requireType(NDArray clip) {
        DataType type = clip.getDataType();
        EncoderConfig.require(
                type == DataType.FLOAT32 || type == DataType.UINT8, "clip: want float32 or uint8, got %s", type);
    }

    private void requireMask(NDArray mask, int index, NDArray video) {
        Shape m = mask.getShape();
        EncoderConfig.require(
                mask.getDataType() == DataType.INT64
                        && m.dimension() == 2
                        && m.get(0) == video.getShape().get(0)
                        && m.get(1) > 0,
                "masks.%d: want int64 [%d, K], got %s %s",
                index,
                video.getShape().get(0),
                mask.getDataType(),
                m);
        long tokens = positions.grid(video).tokens();
        for (long id : mask.toLongArray()) {
            EncoderConfig.require(
                    id >= 0 && id < tokens, "masks.%d: want indices 0..%d, got %d", index, tokens - 1, id);
        }
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore store, NDList inputs, boolean training, PairList<String, Object> parameters) {
        NDArray clip = inputs.head();
        if (inputs.size() == 1) {
            return new NDList(encode(clip.getManager(), clip));
        }
        return encode(clip.getManager(), clip, inputs.subNDList(1));
    }

    /** Frees the kernel; the arrays go with their owner. */
    @Override
    public void close() {
        kernel.close();
        clear();
    }
}
