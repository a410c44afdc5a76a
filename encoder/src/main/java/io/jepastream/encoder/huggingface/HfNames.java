package io.jepastream.encoder.huggingface;

import ai.djl.ndarray.types.Shape;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the tensors of the official state dictionaries are called in the Hugging Face port. Joint projections are stored
 * there in parts: one official name has then several others, whose rows follow each other in this order.
 */
public final class HfNames {
    /** The mask tokens, {@code [n, 1, 1, d]} in one tensor. */
    static final String MASK_TOKENS = "predictor.embeddings.mask_tokens";

    private static final String CROSS = "pooler.cross_attention_block.";
    private static final String CROSS_HERE = "pooler.cross_attention_layer.";
    private static final List<String> ATTENTION = List.of("query", "key", "value");

    private HfNames() {}

    /** Names of an encoder's tensor. */
    static List<String> encoder(String official) {
        if (official.startsWith("patch_embed.")) {
            return List.of("encoder.embeddings.patch_embeddings." + after(official, "patch_embed."));
        }
        if (official.startsWith("blocks.")) {
            return block("encoder.layer." + after(official, "blocks."));
        }
        return List.of("encoder." + official.replaceFirst("^norm\\.", "layernorm."));
    }

    /** Names of a predictor's tensor; the mask tokens, of which several are one, are not for this. */
    static List<String> predictor(String official) {
        if (official.startsWith("predictor_embed.")) {
            return List.of("predictor.embeddings.predictor_embeddings." + after(official, "predictor_embed."));
        }
        if (official.startsWith("predictor_blocks.")) {
            return block("predictor.layer." + after(official, "predictor_blocks."));
        }
        return List.of("predictor." + after(official, "predictor_").replaceFirst("^norm\\.", "layernorm."));
    }

    private static List<String> block(String name) {
        if (name.contains(".attn.qkv.")) {
            return ATTENTION.stream()
                    .map(part -> name.replace(".attn.qkv.", ".attention." + part + "."))
                    .toList();
        }
        return List.of(name.replace(".attn.", ".attention."));
    }

    /** Names of a V-JEPA 2 probe's tensor. */
    public static List<String> probe(String official) {
        if (official.startsWith("linear.")) {
            return List.of("classifier." + after(official, "linear."));
        }
        if (official.startsWith(CROSS)) {
            String name = CROSS_HERE + after(official, CROSS).replaceFirst("^norm", "layer_norm");
            return name.contains("xattn.kv.")
                    ? parts(name, "xattn.kv.", "cross_attn.", "kv")
                    : List.of(name.replace("xattn.q.", "cross_attn.q_proj."));
        }
        if (official.startsWith("pooler.blocks.")) {
            String name = "pooler.self_attention_layers."
                    + after(official, "pooler.blocks.").replaceFirst("\\.norm", ".layer_norm");
            return name.contains("attn.qkv.")
                    ? parts(name, "attn.qkv.", "self_attn.", "qkv")
                    : List.of(name.replace("attn.proj.", "self_attn.out_proj."));
        }
        return List.of(official);
    }

    private static List<String> parts(String name, String joint, String attention, String letters) {
        return letters.chars()
                .mapToObj(letter -> name.replace(joint, attention + (char) letter + "_proj."))
                .toList();
    }

    private static String after(String name, String prefix) {
        return name.substring(prefix.length());
    }

    /** Names for one official name. */
    @FunctionalInterface
    public interface Naming {
        /** At least one name; the tensors' rows follow each other in this order. */
        List<String> of(String official);
    }

    /** Names and shapes of the stored tensors for the official ones. */
    static Map<String, Shape> stored(Map<String, Shape> official, Naming naming) {
        Map<String, Shape> stored = new LinkedHashMap<>();
        official.forEach((name, shape) -> {
            List<String> names = naming.of(name);
            long[] sides = shape.getShape().clone();
            sides[0] /= names.size();
            names.forEach(part -> stored.put(part, new Shape(sides)));
        });
        return stored;
    }
}
