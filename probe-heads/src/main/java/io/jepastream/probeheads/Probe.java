package io.jepastream.probeheads;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import io.jepastream.encoder.TokenHead;
import io.jepastream.encoder.TransformerShapes;
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
 * A probe on frozen tokens (arXiv:2404.08471, section 4.2; average pooling as its Table 3): a pooled vector and logits.
 *
 * <p>The two generations differ in where their extra blocks stand, see {@link ProbeConfig.Kind}. In both the learned
 * query enters the cross attention un-normed and no projection follows; V-JEPA 1 stores one all the same, which is kept
 * here so that its checkpoints load and save without loss.
 */
public final class Probe extends KernelBlock implements TokenHead {
    private static final String CROSS = "pooler.cross_attention_block.";
    private static final long USUAL_TOKENS = 1568;

    private final ProbeConfig config;
    private final Kernel kernel;
    private final NDList weights;

    private Probe(
            NDManager owner, ProbeConfig config, Precision precision, Map<String, HostTensor> state, String name) {
        super(shapes(config, queries(state)));
        this.config = config;
        load(owner, state, name);
        this.kernel = Kernel.compile(
                owner,
                kernelFiles(config, Attention.fileFor(owner.getDevice(), precision, USUAL_TOKENS)),
                allConstants(config, precision));
        this.weights = arrays(owner, kernelOrder(config));
    }

    /**
     * Builds a probe from its state dictionary.
     *
     * @param owner manager of everything it holds; also fixes the device
     * @param state tensors {@code pooler.*} and {@code linear.*}
     * @param name for errors
     */
    public static Probe load(
            NDManager owner, ProbeConfig config, Precision precision, Map<String, HostTensor> state, String name) {
        return new Probe(owner, config, precision, state, name);
    }

    /** Official parameter names and shapes. */
    public static Map<String, Shape> shapes(ProbeConfig config, int queries) {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        int dim = config.embedDim();
        if (config.kind() != ProbeConfig.Kind.MEAN) {
            shapes.put("pooler.query_tokens", new Shape(1, queries, dim));
            cross(shapes, config, dim);
            for (int i = 0; i < config.depth() - 1; i++) {
                TransformerShapes.block(shapes, "pooler.blocks." + i + ".", dim, config.hidden(), true, false);
            }
        }
        TransformerShapes.linear(shapes, "linear", config.numClasses(), dim);
        return shapes;
    }

    private static void cross(Map<String, Shape> shapes, ProbeConfig config, int dim) {
        String attention = config.completeBlock() ? CROSS + "xattn." : CROSS;
        if (config.completeBlock()) {
            TransformerShapes.norm(shapes, CROSS + "norm1", dim);
        }
        TransformerShapes.linear(shapes, attention + "q", dim, dim);
        TransformerShapes.linear(shapes, attention + "kv", 2 * dim, dim);
        if (config.kind() == ProbeConfig.Kind.ATTENTIVE_V1) {
            TransformerShapes.linear(shapes, attention + "proj", dim, dim);
        }
        if (config.completeBlock()) {
            TransformerShapes.norm(shapes, CROSS + "norm2", dim);
            TransformerShapes.linear(shapes, CROSS + "mlp.fc1", config.hidden(), dim);
            TransformerShapes.linear(shapes, CROSS + "mlp.fc2", dim, config.hidden());
        }
    }

    /** Parameter names in the order in which the kernel takes them; the unused projection is not among them. */
    public static List<String> kernelOrder(ProbeConfig config) {
        List<String> names = new ArrayList<>();
        if (config.kind() != ProbeConfig.Kind.MEAN) {
            names.add("pooler.query_tokens");
            List<String> layers = config.completeBlock()
                    ? List.of("norm1", "xattn.q", "xattn.kv", "norm2", "mlp.fc1", "mlp.fc2")
                    : List.of("q", "kv");
            for (String layer : layers) {
                names.add(CROSS + layer + ".weight");
                names.add(CROSS + layer + ".bias");
            }
            for (int i = 0; i < config.depth() - 1; i++) {
                names.addAll(TransformerShapes.blockOrder("pooler.blocks." + i + ".", false));
            }
        }
        names.addAll(List.of("linear.weight", "linear.bias"));
        return names;
    }

    private static List<String> kernelFiles(ProbeConfig config, String attention) {
        return config.kind() == ProbeConfig.Kind.MEAN
                ? List.of("transformer", "rope", attention, "mean_probe")
                : List.of("transformer", "rope", attention, "attentive_probe");
    }

    /** What {@code attentive_probe.py} reads as {@code self.*}, beside {@code bf16}. */
    public static Map<String, Object> constants(ProbeConfig config) {
        return Map.of(
                "probe_heads",
                config.numHeads(),
                "probe_eps",
                config.normEps(),
                "probe_blocks",
                config.depth() - 1,
                "blocks_first",
                config.kind() == ProbeConfig.Kind.ATTENTIVE_V2,
                "complete",
                config.completeBlock());
    }

    private static Map<String, Object> allConstants(ProbeConfig config, Precision precision) {
        Map<String, Object> all = new LinkedHashMap<>(constants(config));
        all.put("bf16", precision == Precision.BF16);
        return all;
    }

    private static int queries(Map<String, HostTensor> state) {
        HostTensor query = state.get("pooler.query_tokens");
        return query == null || query.shape().length != 3 ? 1 : (int) query.shape()[1];
    }

    @Override
    public int classes() {
        return config.numClasses();
    }

    @Override
    public List<Integer> levels() {
        return config.outLayers();
    }

    @Override
    public Output read(NDManager scope, NDArray tokens) {
        Shape shape = tokens.getShape();
        if (shape.dimension() != 3 || shape.get(2) != config.embedDim()) {
            throw new IllegalArgumentException("tokens: want [B, N, %d], got %s".formatted(config.embedDim(), shape));
        }
        NDList out = kernel.call(scope, "classify", tokens, weights);
        return new Output(out.get(0), out.get(1));
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore store, NDList inputs, boolean training, PairList<String, Object> parameters) {
        NDArray tokens = inputs.singletonOrThrow();
        return new NDList(read(tokens.getManager(), tokens).logits());
    }

    /** Frees the kernel; the arrays go with their owner. */
    @Override
    public void close() {
        kernel.close();
        clear();
    }
}
