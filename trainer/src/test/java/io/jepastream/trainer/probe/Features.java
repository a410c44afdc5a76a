package io.jepastream.trainer.probe;

import io.jepastream.encoder.tensor.HostTensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;

/** Made-up features: noise, and on some tokens a direction that tells the class. */
final class Features {
    static final int D = 12;

    private Features() {}

    /** {@code each} videos of every class, of {@code outputs} rows of 5 tokens. */
    static List<Sample> of(
            Path directory, int classes, int each, int outputs, long seed, UnaryOperator<HostTensor> stored)
            throws IOException {
        FeatureCache cache = new FeatureCache(directory, 1 << 30);
        SplittableRandom random = new SplittableRandom(seed);
        List<Sample> samples = new ArrayList<>();
        for (int i = 0; i < classes * each; i++) {
            int label = i % classes;
            float[] values = new float[outputs * 5 * D];
            for (int at = 0; at < values.length; at++) {
                int token = at / D % 5;
                boolean tells = at % D == label && token == 2 + random.nextInt(2);
                values[at] = (float) (random.nextGaussian() * 0.3 + (tells ? 3 : 0));
            }
            Path file = cache.put(seed + " " + i, stored.apply(HostTensor.of(values, outputs, 5, D)));
            samples.add(new Sample(Path.of("video" + i), label, file));
        }
        return samples;
    }
}
