package io.jepastream.trainer.finetune;

import ai.djl.ndarray.types.Shape;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Layer-wise decay of the learning rate, as VideoMAE's fine-tuning counts it, which V-JEPA's follows (arXiv:2404.08471,
 * appendix): what lies above the blocks, the head included, learns at the whole rate, block {@code i} at
 * {@code decay^(depth - i)} of it, and what lies below the blocks at {@code decay^(depth + 1)}.
 *
 * @param decay from one block to the one below it, above 0, at most 1; 1 for none
 * @param depth blocks of the encoder
 */
public record LayerDecay(double decay, int depth) {
    private static final Pattern BLOCK = Pattern.compile("blocks\\.(\\d+)\\..*");

    public LayerDecay {
        if (!(decay > 0 && decay <= 1)) {
            throw new IllegalArgumentException("layer-decay: want above 0 and at most 1, got " + decay);
        }
    }

    /** The part of the learning rate that a tensor of the encoder gets, by its official name. */
    public double scale(String name) {
        Matcher block = BLOCK.matcher(name);
        if (block.matches()) {
            return Math.pow(decay, depth - Integer.parseInt(block.group(1)));
        }
        return name.startsWith("norm") ? 1 : Math.pow(decay, depth + 1);
    }

    /** Whether weights of this name and shape decay: all but biases and what has one side only. */
    static boolean decays(String name, Shape shape) {
        return shape.dimension() > 1 && !name.endsWith(".bias");
    }
}
