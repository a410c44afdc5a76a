package io.jepastream.app;

import io.jepastream.encoder.EncoderConfig;
import io.jepastream.encoder.PredictorConfig;
import java.util.List;
import java.util.Locale;

/** Architectures and amounts in words. */
final class Sizes {
    private Sizes() {}

    /** Such as {@code vit_large (D 1024, 24 blocks, 16 heads), 16 frames of 224 x 224, tubelet 2, patch 16}. */
    static String of(EncoderConfig config) {
        return "%s (D %d, %d blocks, %d heads%s), %d %s of %d x %d, tubelet %d, patch %d, %s"
                .formatted(
                        name(config),
                        config.embedDim(),
                        config.depth(),
                        config.numHeads(),
                        config.useSilu() ? ", SwiGLU" : "",
                        config.numFrames(),
                        config.isImage() ? "frame" : "frames",
                        config.imgWidth(),
                        config.imgHeight(),
                        config.tubeletSize(),
                        config.patchSize(),
                        config.useRope() ? "rotary positions" : "position table");
    }

    private static String name(EncoderConfig config) {
        for (String name : EncoderConfig.sizes(config.family())) {
            EncoderConfig size = EncoderConfig.builder(config.family(), name).build();
            if (size.embedDim() == config.embedDim()
                    && size.depth() == config.depth()
                    && size.numHeads() == config.numHeads()) {
                return name;
            }
        }
        return "no official size";
    }

    static String of(PredictorConfig config) {
        return "D %d, %d blocks, %d heads, %d mask tokens, %s"
                .formatted(
                        config.predictorEmbedDim(),
                        config.depth(),
                        config.numHeads(),
                        config.numMaskTokens(),
                        config.useRope() ? "rotary positions" : "position table");
    }

    /** Such as {@code 1.2 GB}: powers of ten, as files are counted. */
    static String bytes(long bytes) {
        double value = bytes;
        for (String unit : List.of("bytes", "kB", "MB", "GB")) {
            if (value < 1000 || unit.equals("GB")) {
                return unit.equals("bytes") ? bytes + " bytes" : String.format(Locale.ROOT, "%.1f %s", value, unit);
            }
            value /= 1000;
        }
        throw new IllegalStateException();
    }
}
