package io.jepastream.encoder.checkpoint;

import ai.djl.ndarray.types.Shape;
import io.jepastream.encoder.DensePredictorConfig;
import io.jepastream.encoder.EncoderConfig;
import io.jepastream.encoder.Family;
import io.jepastream.encoder.ModelBundle;
import io.jepastream.encoder.Predictor;
import io.jepastream.encoder.PredictorConfig;
import io.jepastream.encoder.VideoEncoder;
import io.jepastream.encoder.tensor.Dtype;
import io.jepastream.encoder.tensor.HostTensor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/** Small models of random architecture with random weights. */
public final class RandomModel {
    private RandomModel() {}

    /** One of the given generation; with or without a predictor, in one of the stored types. */
    public static ModelBundle.Draft draft(Family family, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        boolean rotary = family != Family.VJEPA1;
        boolean dense = family == Family.VJEPA21;
        int patch = dense ? 16 : 4;
        int heads = random.nextInt(1, 4);
        EncoderConfig encoder = EncoderConfig.builder(family)
                .patchSize(patch)
                .imgSize(patch * random.nextInt(1, 4))
                .numFrames(2 * random.nextInt(1, 4))
                .embedDim(12 * heads)
                .depth(dense ? 12 : random.nextInt(1, 4))
                .numHeads(heads)
                .mlpRatio(random.nextInt(1, 5))
                .qkvBias(random.nextBoolean())
                .normEps(random.nextBoolean() ? 1e-6 : 1e-5)
                .build();
        Optional<PredictorConfig> predictor = random.nextBoolean()
                ? Optional.empty()
                : Optional.of(new PredictorConfig(
                        encoder.embedDim(),
                        24,
                        dense ? 4 : random.nextInt(1, 3),
                        2,
                        2,
                        random.nextInt(1, 5),
                        encoder.qkvBias(),
                        rotary,
                        !rotary,
                        false,
                        true,
                        encoder.normEps(),
                        dense
                                ? new DensePredictorConfig(random.nextBoolean() ? 4 : 1, 20, true, true, true)
                                : DensePredictorConfig.NONE));
        Dtype dtype = new Dtype[] {Dtype.F32, Dtype.F16, Dtype.BF16}[random.nextInt(3)];
        return new ModelBundle.Draft(
                "random",
                encoder,
                predictor,
                state(VideoEncoder.shapes(encoder), dtype, random),
                predictor
                        .map(p -> state(Predictor.shapes(encoder, p), dtype, random))
                        .orElse(Map.of()),
                Map.of("source", "random"));
    }

    /** Random tensors of these shapes; all values are finite. */
    public static Map<String, HostTensor> state(Map<String, Shape> shapes, Dtype dtype, SplittableRandom random) {
        Map<String, HostTensor> state = new LinkedHashMap<>();
        shapes.forEach((name, shape) -> {
            byte[] bytes = new byte[Math.toIntExact(shape.size() * dtype.bytes())];
            random.nextBytes(bytes);
            for (int i = dtype.bytes() - 1; i < bytes.length; i += dtype.bytes()) {
                bytes[i] &= (byte) 0xBF; // clears the exponent's highest bit
            }
            state.put(name, HostTensor.ofBytes(dtype, bytes, shape.getShape()));
        });
        return state;
    }
}
