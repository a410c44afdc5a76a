package io.jepastream.trainer;

import ai.djl.ndarray.types.Shape;
import io.jepastream.trainer.pretrain.MotionFilters;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** First values of the parameters, as in V-JEPA 2: normal of deviation 0.02, residual outputs scaled down by depth. */
final class Initial {
    private static final double DEVIATION = 0.02;
    private static final Pattern RESIDUAL = Pattern.compile("blocks\\.(\\d+)\\.(attn\\.proj|mlp\\.fc2)\\.weight");

    private Initial() {}

    static float[] values(String name, Shape shape, SplittableRandom random) {
        if (name.equals("patch_embed.proj.weight")) {
            return MotionFilters.values((int) shape.get(0), (int) shape.get(3), random);
        }
        float[] values = new float[(int) shape.size()];
        if (name.contains("norm") && name.endsWith("weight")) {
            Arrays.fill(values, 1);
        } else if (!name.endsWith("bias")) {
            Matcher residual = RESIDUAL.matcher(name);
            int block = residual.find() ? Integer.parseInt(residual.group(1)) + 1 : 0;
            double deviation = block == 0 ? DEVIATION : DEVIATION / Math.sqrt(2.0 * block);
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) (deviation * normal(random));
            }
        }
        return values;
    }

    private static double normal(SplittableRandom random) {
        double radius = Math.sqrt(-2 * Math.log(1 - random.nextDouble()));
        return radius * Math.cos(2 * Math.PI * random.nextDouble());
    }
}
