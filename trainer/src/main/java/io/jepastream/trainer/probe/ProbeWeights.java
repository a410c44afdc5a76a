package io.jepastream.trainer.probe;

import ai.djl.ndarray.types.Shape;
import io.jepastream.encoder.tensor.HostTensor;
import io.jepastream.probeheads.Probe;
import io.jepastream.probeheads.ProbeConfig;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A probe before its first step, as the reference draws it: matrices and the query from a normal distribution of
 * deviation 0.02, norms 1, biases 0; the last matrix of each residual branch divided by the root of twice its block's
 * number. The classifier is not of that rule: weight and bias are uniform within one over the root of the width.
 *
 * <p>The cross attention counts as the first block of V-JEPA 1, and as the last but one of V-JEPA 2.
 */
public final class ProbeWeights {
    private static final double DEVIATION = 0.02;
    private static final Pattern BLOCK = Pattern.compile("pooler\\.blocks\\.(\\d+)\\.(attn\\.proj|mlp\\.fc2)\\.weight");
    private static final Pattern CROSS =
            Pattern.compile("pooler\\.cross_attention_block\\.((xattn\\.)?proj|mlp\\.fc2)\\.weight");

    private ProbeWeights() {}

    /** All tensors by official name; the same seed gives the same values. */
    public static Map<String, HostTensor> draw(ProbeConfig config, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Map<String, HostTensor> state = new LinkedHashMap<>();
        Probe.shapes(config, 1)
                .forEach((name, shape) ->
                        state.put(name, HostTensor.of(values(name, shape, config, random), shape.getShape())));
        return state;
    }

    private static float[] values(String name, Shape shape, ProbeConfig config, SplittableRandom random) {
        float[] values = new float[Math.toIntExact(shape.size())];
        if (name.startsWith("linear.")) {
            double bound = 1 / Math.sqrt(config.embedDim());
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) (bound * (2 * random.nextDouble() - 1));
            }
        } else if (name.contains("norm") && name.endsWith("weight")) {
            Arrays.fill(values, 1);
        } else if (!name.endsWith("bias")) {
            double deviation = DEVIATION / Math.sqrt(divisor(name, config));
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) (deviation * random.nextGaussian());
            }
        }
        return values;
    }

    /** What the deviation's square is divided by. */
    private static double divisor(String name, ProbeConfig config) {
        boolean first = config.kind() == ProbeConfig.Kind.ATTENTIVE_V1;
        Matcher block = BLOCK.matcher(name);
        if (block.matches()) {
            int number = Integer.parseInt(block.group(1)) + 1;
            return 2.0 * (first ? number + 1 : number);
        }
        if (CROSS.matcher(name).matches()) {
            return 2.0 * (first ? 1 : Math.max(1, config.depth() - 1));
        }
        return 1;
    }
}
