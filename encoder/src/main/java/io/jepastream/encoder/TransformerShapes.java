package io.jepastream.encoder;

import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Official names and shapes of the parameters of pre-norm transformer blocks. */
public final class TransformerShapes {
    private TransformerShapes() {}

    /**
     * Adds one block of width {@code dim} to {@code shapes}.
     *
     * @param prefix such as {@code blocks.0.}
     * @param gated adds {@code fc3}; {@code fc1} and {@code fc2} then both widen
     */
    public static void block(
            Map<String, Shape> shapes, String prefix, int dim, int hidden, boolean qkvBias, boolean gated) {
        norm(shapes, prefix + "norm1", dim);
        shapes.put(prefix + "attn.qkv.weight", new Shape(3L * dim, dim));
        if (qkvBias) {
            shapes.put(prefix + "attn.qkv.bias", new Shape(3L * dim));
        }
        linear(shapes, prefix + "attn.proj", dim, dim);
        norm(shapes, prefix + "norm2", dim);
        linear(shapes, prefix + "mlp.fc1", hidden, dim);
        linear(shapes, prefix + "mlp.fc2", gated ? hidden : dim, gated ? dim : hidden);
        if (gated) {
            linear(shapes, prefix + "mlp.fc3", dim, hidden);
        }
    }

    /** Adds weight and bias of a layer norm. */
    public static void norm(Map<String, Shape> shapes, String name, int dim) {
        shapes.put(name + ".weight", new Shape(dim));
        shapes.put(name + ".bias", new Shape(dim));
    }

    /** Adds weight {@code [out, in]} and bias of a linear layer. */
    public static void linear(Map<String, Shape> shapes, String name, int out, int in) {
        shapes.put(name + ".weight", new Shape(out, in));
        shapes.put(name + ".bias", new Shape(out));
    }

    /** Parameters of one block in the order in which kernels take them; the qkv bias is named even where absent. */
    public static List<String> blockOrder(String prefix, boolean gated) {
        List<String> names = new ArrayList<>(List.of(
                "norm1.weight",
                "norm1.bias",
                "attn.qkv.weight",
                "attn.qkv.bias",
                "attn.proj.weight",
                "attn.proj.bias",
                "norm2.weight",
                "norm2.bias",
                "mlp.fc1.weight",
                "mlp.fc1.bias",
                "mlp.fc2.weight",
                "mlp.fc2.bias"));
        if (gated) {
            names.addAll(List.of("mlp.fc3.weight", "mlp.fc3.bias"));
        }
        return names.stream().map(prefix::concat).toList();
    }
}
