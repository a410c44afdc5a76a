package io.jepastream.trainer.pretrain;

import ai.djl.ndarray.types.Shape;
import io.jepastream.encoder.EncoderConfig;
import io.jepastream.encoder.Family;
import io.jepastream.encoder.Predictor;
import io.jepastream.encoder.PredictorConfig;
import io.jepastream.encoder.VideoEncoder;
import io.jepastream.encoder.tensor.HostTensor;
import java.util.AbstractMap;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Weights before the first step, as the reference draws them: matrices and patch filters from a normal distribution of
 * deviation 0.02 (which it cuts at 2, a hundred deviations away), norms 1, biases and mask tokens 0, position tables
 * sin-cos.
 *
 * <p>V-JEPA 2 then divides the last matrix of each residual branch by the root of twice its block's number. V-JEPA 1
 * means to, but its training script draws all matrices again and so undoes it; that is kept. With a gated feed-forward
 * part the division hits the gate and not the output, as in the reference.
 */
public final class InitialWeights {
    private static final double DEVIATION = 0.02;
    private static final double MODALITY_DEVIATION = 1e-6;
    private static final int MOST_GAIN = 20;
    private static final float FILTER_LENGTH = 0.1f;
    private static final String PATCHES = "patch_embed.proj.weight";
    private static final Pattern RESIDUAL = Pattern.compile("blocks\\.(\\d+)\\.(attn\\.proj|mlp\\.fc2)\\.weight");

    private InitialWeights() {}

    /** The start of a run. */
    public static TrainingState draw(EncoderConfig encoder, PredictorConfig predictor, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        return TrainingState.fresh(encoder(encoder, random.split()), predictor(encoder, predictor, random.split()));
    }

    /**
     * A start that is not the reference's, for encoders far narrower than its: with deviation 0.02 their blocks add next to
     * nothing to what they read and bend it hardly, so that first features are linear in the pixels.
     *
     * @param gain times the matrices, but for those that read pixels; above 0
     * @param motionFilters whether the tubelet embedding is {@link MotionFilters}
     * @throws IllegalArgumentException if the tubelets have no two frames
     */
    static TrainingState changed(
            TrainingState state, EncoderConfig config, double gain, boolean motionFilters, long seed) {
        if (!(gain > 0 && gain <= MOST_GAIN)) {
            throw new IllegalArgumentException(
                    "init: gain: want above 0 and at most %d, got %s".formatted(MOST_GAIN, gain));
        }
        Map<String, HostTensor> encoder = scaled(state.encoder(), gain);
        if (motionFilters) {
            HostTensor old = encoder.get(PATCHES);
            if (old == null || old.shape().length != 5 || old.shape()[2] != 2) {
                throw new IllegalArgumentException(
                        "init: motion_filters: want tubelet_size 2, got %d".formatted(config.tubeletSize()));
            }
            float[] filters = MotionFilters.values(config.embedDim(), config.patchSize(), new SplittableRandom(seed));
            for (int i = 0; i < filters.length; i++) {
                filters[i] *= FILTER_LENGTH;
            }
            encoder.put(PATCHES, HostTensor.of(filters, old.shape()));
        }
        return TrainingState.fresh(encoder, scaled(state.predictor(), gain));
    }

    private static Map<String, HostTensor> scaled(Map<String, HostTensor> state, double gain) {
        Map<String, HostTensor> all = new LinkedHashMap<>(state);
        all.replaceAll((name, tensor) -> {
            boolean matrix = tensor.shape().length == 2 && name.endsWith("weight");
            return matrix && gain != 1 && !name.startsWith("pixel_proj") ? times(tensor, gain) : tensor;
        });
        return all;
    }

    private static HostTensor times(HostTensor tensor, double gain) {
        float[] values = tensor.floats().clone();
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (gain * values[i]);
        }
        return HostTensor.of(values, tensor.shape());
    }

    /** As {@link #draw}, with the layer that predicts pixels among the predictor's tensors. */
    static TrainingState drawForPixels(EncoderConfig encoder, PredictorConfig predictor, long seed) {
        TrainingState state = draw(encoder, predictor, seed);
        SplittableRandom random = new SplittableRandom(~seed);
        pixelShapes(encoder)
                .forEach((name, shape) -> state.predictor()
                        .put(name, HostTensor.of(values(name, shape, encoder.family(), random), shape.getShape())));
        return state;
    }

    /** The layer from features to the pixels of a cell; no part of any official model. */
    static Map<String, Shape> pixelShapes(EncoderConfig encoder) {
        int tubelet = encoder.isImage() ? 1 : encoder.tubeletSize();
        long cell = (long) encoder.inChans() * tubelet * encoder.patchSize() * encoder.patchSize();
        Map<String, Shape> shapes = new LinkedHashMap<>();
        shapes.put("pixel_proj.weight", new Shape(cell, encoder.embedDim()));
        shapes.put("pixel_proj.bias", new Shape(cell));
        return shapes;
    }

    /** An encoder's tensors by official name. */
    public static Map<String, HostTensor> encoder(EncoderConfig config, RandomGenerator random) {
        Map<String, HostTensor> state = new LinkedHashMap<>();
        VideoEncoder.shapes(config).forEach((name, shape) -> state.put(name, tensor(config, name, shape, random)));
        return state;
    }

    private static HostTensor tensor(EncoderConfig config, String name, Shape shape, RandomGenerator random) {
        float[] values = name.equals("pos_embed")
                ? VideoEncoder.positionTable(config)
                : values(name, shape, config.family(), random);
        return HostTensor.of(values, shape.getShape());
    }

    /**
     * As {@link #encoder}, but each tensor is drawn when it is asked for and belongs to whoever asks, so that a large encoder is
     * never in the JVM's memory whole.
     */
    public static Map<String, HostTensor> encoderOnDemand(EncoderConfig config, long seed) {
        return new OnDemand(config, seed);
    }

    /** A predictor's tensors by official name. */
    public static Map<String, HostTensor> predictor(
            EncoderConfig encoder, PredictorConfig config, RandomGenerator random) {
        Map<String, HostTensor> state = new LinkedHashMap<>();
        Predictor.shapes(encoder, config).forEach((name, shape) -> {
            float[] values = name.equals("predictor_pos_embed")
                    ? Predictor.positionTable(encoder, config)
                    : values(name, shape, encoder.family(), random);
            state.put(name, HostTensor.of(values, shape.getShape()));
        });
        return state;
    }

    private static float[] values(String name, Shape shape, Family family, RandomGenerator random) {
        float[] values = new float[Math.toIntExact(shape.size())];
        if (name.contains("norm") && name.endsWith("weight")) {
            Arrays.fill(values, 1);
        } else if (!name.endsWith("bias") && !name.startsWith("mask_tokens")) {
            double deviation = name.endsWith("mod_embed") ? MODALITY_DEVIATION : DEVIATION / divisor(name, family);
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) (deviation * random.nextGaussian());
            }
        }
        return values;
    }

    private static double divisor(String name, Family family) {
        Matcher residual = RESIDUAL.matcher(name);
        return family == Family.VJEPA1 || !residual.find()
                ? 1
                : Math.sqrt(2.0 * (Integer.parseInt(residual.group(1)) + 1));
    }

    /** Tensors that are drawn anew at each look. */
    private static final class OnDemand extends AbstractMap<String, HostTensor> {
        private final EncoderConfig config;
        private final Map<String, Shape> shapes;
        private final long seed;

        OnDemand(EncoderConfig config, long seed) {
            this.config = config;
            this.shapes = VideoEncoder.shapes(config);
            this.seed = seed;
        }

        @Override
        public @Nullable HostTensor get(@Nullable Object name) {
            Shape shape = shapes.get(name);
            return shape == null || name == null ? null : draw(name.toString(), shape);
        }

        private HostTensor draw(String name, Shape shape) {
            return tensor(config, name, shape, new SplittableRandom(seed + name.hashCode()));
        }

        @Override
        public Set<String> keySet() {
            return shapes.keySet();
        }

        @Override
        public Set<Entry<String, HostTensor>> entrySet() {
            Set<Entry<String, HostTensor>> all = new LinkedHashSet<>();
            shapes.forEach((name, shape) -> all.add(Map.entry(name, draw(name, shape))));
            return all;
        }
    }
}
