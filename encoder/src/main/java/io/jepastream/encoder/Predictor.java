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
 * <p>{@code B} clips, {@code K} context tokens, {@code M} targets, {@code E} encoder width. V-JEPA 1 adds a table of
 * its own to [context | targets]; V-JEPA 2 turns queries and keys and runs the tokens in grid order. Rotary places are
 * decoded with the square grid it was built for, as in the reference. Results belong to the manager given to the call.
 */
public final class Predictor extends KernelBlock implements AutoCloseable {
    private static final String POS_EMBED = "predictor_pos_embed";

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
        this.omega = owner.create(
                config.useRope() ? Rope.omega(config.predictorEmbedDim() / config.numHeads()) : new float[0]);
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
        return new Predictor(owner, encoder, config, precision, state);
    }

    /** Official parameter names and shapes. */
    public static Map<String, Shape> shapes(EncoderConfig encoder, PredictorConfig config) {
        int dim = config.predictorEmbedDim();
        Map<String, Shape> shapes = new LinkedHashMap<>();
        if (!config.useRope()) {
            shapes.put(POS_EMBED, new Shape(1, encoder.tokens(), dim));
        }
        TransformerShapes.linear(shapes, "predictor_embed", dim, config.embedDim());
        for (int i = 0; i < config.numMaskTokens(); i++) {
            shapes.put("mask_tokens." + i, new Shape(1, 1, dim));
        }
        for (int i = 0; i < config.depth(); i++) {
            String prefix = "predictor_blocks." + i + ".";
            TransformerShapes.block(shapes, prefix, dim, config.hidden(), config.qkvBias(), config.useSilu());
        }
        TransformerShapes.norm(shapes, "predictor_norm", dim);
        TransformerShapes.linear(shapes, "predictor_proj", config.embedDim(), dim);
        return shapes;
    }

    /** Parameter names in the order in which the kernel takes them. */
    public static List<String> kernelOrder(PredictorConfig config) {
        List<String> names = new ArrayList<>(List.of("predictor_embed.weight", "predictor_embed.bias"));
        for (int i = 0; i < config.numMaskTokens(); i++) {
            names.add("mask_tokens." + i);
        }
        for (int i = 0; i < config.depth(); i++) {
            names.addAll(TransformerShapes.blockOrder("predictor_blocks." + i + ".", config.useSilu()));
        }
        names.addAll(List.of(
                "predictor_norm.weight", "predictor_norm.bias", "predictor_proj.weight", "predictor_proj.bias"));
        return names;
    }

    private static Map<String, Object> constants(EncoderConfig encoder, PredictorConfig config, Precision precision) {
        return Map.of(
                "bf16", precision == Precision.BF16,
                "mask_tokens", config.numMaskTokens(),
                "grid", encoder.gridHeight(),
                "sorted", encoder.family() == Family.VJEPA2,
                "depth", config.depth(),
                "stride", TransformerShapes.blockOrder("", config.useSilu()).size(),
                "heads", config.numHeads(),
                "gated", config.useSilu(),
                "eps", config.normEps());
    }

    /**
     * Predicts the targets of one mask pair.
     *
     * @param context {@code [B, K, E]} encoder tokens
     * @param contextIds int64 {@code [B, K]}
     * @param targetIds int64 {@code [B, M]}
     * @param maskIndex which mask token, modulo their number: V-JEPA 1 counts masks, V-JEPA 2 counts clip lengths
     * @return {@code [B, M, E]} in the order of {@code targetIds}
     */
    public NDArray predict(NDManager scope, NDArray context, NDArray contextIds, NDArray targetIds, int maskIndex) {
        return call(scope, "predict", context, contextIds, targetIds, maskIndex).singletonOrThrow();
    }

    /** As {@link #predict}, but all {@code K + M} tokens, in grid order where the generation sorts them. */
    public NDArray predictAll(NDManager scope, NDArray context, NDArray contextIds, NDArray targetIds, int maskIndex) {
        return call(scope, "predict_all", context, contextIds, targetIds, maskIndex)
                .singletonOrThrow();
    }

    /** The stream [context | targets] after every block, not sorted; for parity checks. */
    public NDList trace(NDManager scope, NDArray context, NDArray contextIds, NDArray targetIds, int maskIndex) {
        return call(scope, "trace", context, contextIds, targetIds, maskIndex);
    }

    private NDList call(
            NDManager scope, String method, NDArray context, NDArray contextIds, NDArray targetIds, int index) {
        return kernel.call(scope, method, context, contextIds, targetIds, index, positions, omega, weights);
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
