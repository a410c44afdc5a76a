package io.jepastream.encoder;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
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

/**
 * Predictor: from the tokens of the context, the tokens of the places that were hidden (arXiv:2404.08471, section 3).
 *
 * <p>{@code B} clips, {@code K} context tokens, {@code M} targets, {@code I} input and {@code O} output width, which both
 * are the encoder's but in V-JEPA 2.1. V-JEPA 1 adds a table of its own to [context | targets]; V-JEPA 2 turns queries
 * and keys and runs the tokens in grid order; V-JEPA 2.1 also tells video from image, reads up to four levels side by
 * side and predicts the context tokens too (arXiv:2603.14482). Rotary places are decoded with the square grid it was
 * built for, as in the reference. Results belong to the manager given to the call.
 */
public final class Predictor extends KernelBlock implements AutoCloseable {
    private static final String POS_EMBED = "predictor_pos_embed";
    private static final String NORM = "predictor_norm.weight";

    private static final List<String> VECTORS = List.of("video_mod_embed", "img_mod_embed");

    private final PredictorConfig config;
    private final Kernel kernel;
    private final NDList weights;
    private final NDArray positions;
    private final NDArray omega;

    private Predictor(
            NDManager owner,
            EncoderConfig encoder,
            PredictorConfig config,
            Precision precision,
            Map<String, HostTensor> state) {
        super(shapes(encoder, config));
        this.config = config;
        load(owner, state, "predictor");
        this.kernel = Kernel.compile(
                owner,
                List.of(
                        "transformer",
                        "rope",
                        Attention.fileFor(owner.getDevice(), precision, encoder.tokens()),
                        "predictor"),
                constants(encoder, config, precision));
        this.weights = arrays(owner, kernelOrder(config));
        this.positions = config.useRope()
                ? owner.create(new float[0])
                : getParameters().get(POS_EMBED).getArray();
        this.omega = owner.create(rotaryFrequencies(encoder, config));
    }

    /**
     * Builds a predictor from its state dictionary.
     *
     * @param owner manager of everything it holds; also fixes the device
     * @param encoder gives the token grid and the generation
     */
    public static Predictor load(
            NDManager owner,
            EncoderConfig encoder,
            PredictorConfig config,
            Precision precision,
            Map<String, HostTensor> state) {
        EncoderConfig.require(
                config.embedDim() == encoder.embedDim(),
                "predictor embed_dim: want the encoder's %d, got %d",
                encoder.embedDim(),
                config.embedDim());
        boolean dense = encoder.family() == Family.VJEPA21;
        EncoderConfig.require(
                dense != config.dense().equals(DensePredictorConfig.NONE),
                "predictor: want one of %s as the encoder is, got %s",
                encoder.family().id(),
                config);
        return new Predictor(owner, encoder, config, precision, state);
    }

    /** Official parameter names and shapes. */
    public static Map<String, Shape> shapes(EncoderConfig encoder, PredictorConfig config) {
        int dim = config.predictorEmbedDim();
        EncoderConfig.requireAtMost(
                EncoderConfig.MOST_VALUES, "tokens times predictor_embed_dim", (double) encoder.tokens() * dim);
        Map<String, Shape> shapes = new LinkedHashMap<>();
        if (config.dense().modalityEmbedding()) {
            VECTORS.forEach(name -> shapes.put(name, new Shape(1, 1, dim)));
        }
        if (!config.useRope()) {
            shapes.put(POS_EMBED, new Shape(1, encoder.tokens(), dim));
        }
        if (deep(config)) {
            TransformerShapes.linear(shapes, "predictor_embed.0", config.embedDim(), config.inputDim());
            TransformerShapes.linear(shapes, "predictor_embed.2", dim, config.embedDim());
        } else {
            TransformerShapes.linear(shapes, "predictor_embed", dim, config.inputDim());
        }
        for (int i = 0; i < config.numMaskTokens(); i++) {
            shapes.put("mask_tokens." + i, new Shape(1, 1, dim));
        }
        for (int i = 0; i < config.depth(); i++) {
            String prefix = "predictor_blocks." + i + ".";
            TransformerShapes.block(shapes, prefix, dim, config.hidden(), config.qkvBias(), config.useSilu());
        }
        TransformerShapes.norm(shapes, "predictor_norm", dim);
        TransformerShapes.linear(shapes, "predictor_proj", config.outputDim(), dim);
        if (config.dense().returnAllTokens()) {
            TransformerShapes.linear(shapes, "predictor_proj_context", config.outputDim(), dim);
        }
        return shapes;
    }

    /** The fixed {@code predictor_pos_embed}, {@code [1, N, P]} row by row, of a predictor without rotary positions. */
    public static float[] positionTable(EncoderConfig encoder, PredictorConfig config) {
        return SinCos.table(encoder, config.predictorEmbedDim(), config.uniformPower());
    }

    /** Whether two layers with a GELU between them take the context in, as is so with several levels. */
    private static boolean deep(PredictorConfig config) {
        return config.dense().levels() > 1;
    }

    /** Parameter names in the order in which the kernel takes them. */
    public static List<String> kernelOrder(PredictorConfig config) {
        List<String> names = new ArrayList<>();
        List<String> embeds =
                deep(config) ? List.of("predictor_embed.0", "predictor_embed.2") : List.of("predictor_embed");
        embeds.forEach(name -> names.addAll(List.of(name + ".weight", name + ".bias")));
        for (int i = 0; i < config.numMaskTokens(); i++) {
            names.add("mask_tokens." + i);
        }
        for (int i = 0; i < config.depth(); i++) {
            names.addAll(TransformerShapes.blockOrder("predictor_blocks." + i + ".", config.useSilu()));
        }
        if (config.dense().modalityEmbedding()) {
            names.addAll(VECTORS);
        }
        names.addAll(List.of(NORM, "predictor_norm.bias", "predictor_proj.weight", "predictor_proj.bias"));
        if (config.dense().returnAllTokens()) {
            names.addAll(List.of("predictor_proj_context.weight", "predictor_proj_context.bias"));
        }
        return names;
    }

    /** What {@code predictor.py} reads as {@code self.*}. */
    public static Map<String, Object> constants(EncoderConfig encoder, PredictorConfig config, Precision precision) {
        return Map.ofEntries(
                Map.entry("bf16", precision == Precision.BF16),
                Map.entry("deep", deep(config)),
                Map.entry("masks_at", deep(config) ? 4 : 2),
                Map.entry("mask_tokens", config.numMaskTokens()),
                Map.entry("pred_modality", config.dense().modalityEmbedding()),
                Map.entry("tail", kernelOrder(config).indexOf(NORM)),
                Map.entry("grid", encoder.gridHeight()),
                Map.entry("pred_span", Rope.span(config.dense().interpolateRope(), encoder.patchSize())),
                Map.entry("sorted", encoder.family() != Family.VJEPA1),
                Map.entry("pred_depth", config.depth()),
                Map.entry(
                        "pred_stride",
                        TransformerShapes.blockOrder("", config.useSilu()).size()),
                Map.entry("pred_heads", config.numHeads()),
                Map.entry("pred_gated", config.useSilu()),
                Map.entry("pred_eps", config.normEps()));
    }

    /** The {@code omega} of the kernel: frequencies of one axis, none without rotary positions. */
    public static float[] rotaryFrequencies(EncoderConfig encoder, PredictorConfig config) {
        return config.useRope()
                ? Rope.omega(encoder.family(), config.predictorEmbedDim() / config.numHeads())
                : new float[0];
    }

    /**
     * Predicts the targets of one mask pair, of a video.
     *
     * @param context {@code [B, K, I]} encoder tokens: of a V-JEPA 2.1 predictor of four levels those of
     *     {@link VideoEncoder#encodeHierarchical(NDManager, NDArray, NDList)}
     * @param contextIds int64 {@code [B, K]}
     * @param targetIds int64 {@code [B, M]}
     * @param maskIndex which mask token, modulo their number: V-JEPA 1 counts masks, V-JEPA 2 counts clip lengths, and the
     *     Hugging Face port always takes 1. Give 0 with released V-JEPA 2.1 weights, whose other mask tokens were never
     *     trained.
     * @return {@code [B, M, O]} in the order of {@code targetIds}
     */
    public NDArray predict(NDManager scope, NDArray context, NDArray contextIds, NDArray targetIds, int maskIndex) {
        return call(scope, "predict", context, contextIds, targetIds, maskIndex, Modality.VIDEO)
                .singletonOrThrow();
    }

    /**
     * As {@link #predict}, but of targets and context tokens, each through a projection of its own.
     *
     * @param modality what the clip is; a video has more than one frame
     * @return {@code [B, M, O]} and {@code [B, K, O]}, in the orders of {@code targetIds} and {@code contextIds}
     * @throws IllegalArgumentException if it was built without {@link DensePredictorConfig#returnAllTokens}
     */
    public NDList predictBoth(
            NDManager scope, NDArray context, NDArray contextIds, NDArray targetIds, int maskIndex, Modality modality) {
        EncoderConfig.require(
                config.dense().returnAllTokens(),
                "predictor: want one of V-JEPA 2.1 with return_all_tokens for context tokens, got %s",
                config);
        return call(scope, "predict_both", context, contextIds, targetIds, maskIndex, modality);
    }

    /**
     * As {@link #predict}, but all {@code K + M} tokens through the one projection, in grid order where the generation
     * sorts them.
     *
     * @throws IllegalArgumentException if context tokens have a projection of their own: {@link #predictBoth} then
     */
    public NDArray predictAll(NDManager scope, NDArray context, NDArray contextIds, NDArray targetIds, int maskIndex) {
        EncoderConfig.require(
                !config.dense().returnAllTokens(), "predictor: want one projection for all tokens, got %s", config);
        return call(scope, "predict_all", context, contextIds, targetIds, maskIndex, Modality.VIDEO)
                .singletonOrThrow();
    }

    /** The stream [context | targets] of a video after every block, not sorted; for parity checks. */
    public NDList trace(NDManager scope, NDArray context, NDArray contextIds, NDArray targetIds, int maskIndex) {
        return call(scope, "trace_predictor", context, contextIds, targetIds, maskIndex, Modality.VIDEO);
    }

    private NDList call(
            NDManager scope,
            String method,
            NDArray context,
            NDArray contextIds,
            NDArray targetIds,
            int index,
            Modality modality) {
        Shape got = context.getShape();
        EncoderConfig.require(
                got.dimension() == 3 && got.get(2) == config.inputDim(),
                "context: want [B, K, %d], got %s",
                config.inputDim(),
                got);
        int image = modality == Modality.IMAGE ? 1 : 0;
        return kernel.call(scope, method, context, contextIds, targetIds, index, image, positions, omega, weights);
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore store, NDList inputs, boolean training, PairList<String, Object> parameters) {
        NDManager scope = inputs.head().getManager();
        return new NDList(predict(scope, inputs.get(0), inputs.get(1), inputs.get(2), 0));
    }

    /** Frees the kernel; the arrays go with their owner. */
    @Override
    public void close() {
        kernel.close();
        clear();
    }
}
