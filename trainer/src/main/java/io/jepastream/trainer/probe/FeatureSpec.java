package io.jepastream.trainer.probe;

import io.jepastream.encoder.EncoderConfig;
import io.jepastream.encoder.tensor.Dtype;
import io.jepastream.trainer.eval.Protocol;
import java.util.List;
import java.util.Locale;

/**
 * Which features of a video are kept.
 *
 * @param protocol how the video becomes clips
 * @param levels ascending blocks of the encoder that heads read; none for the encoder's own output
 * @param pooled whether the mean of the tokens is enough, as it is for a linear head
 * @param storage type on disk
 */
public record FeatureSpec(Protocol protocol, List<Integer> levels, boolean pooled, Storage storage) {
    /** Above so many bytes of float32, {@link Storage#AUTO} takes float16. */
    private static final long MUCH = 2L << 30;

    /** Type on disk. */
    public enum Storage {
        /** float32 up to 2 GiB of it, else float16. */
        AUTO,
        /** float32. */
        FP32,
        /** float16: 11 bits of precision, which normed features keep well inside its range. */
        FP16,
        /** bfloat16: 8 bits of precision. */
        BF16;

        /** The one of this name, letter case aside. */
        public static Storage named(String name) {
            for (Storage storage : values()) {
                if (storage.name().equals(name.toUpperCase(Locale.ROOT))) {
                    return storage;
                }
            }
            throw new IllegalArgumentException("cache-type: want auto, fp32, fp16 or bf16, got '%s'".formatted(name));
        }
    }

    public FeatureSpec {
        levels = List.copyOf(levels);
    }

    /** Values of one video: outputs x tokens x width. */
    long values(EncoderConfig encoder) {
        long segments = protocol.segments();
        long outputs = protocol.views() * (protocol.acrossSegments() ? 1 : segments);
        long time = encoder.isImage() ? 1 : protocol.frames() / encoder.tubeletSize();
        long clip = time * encoder.gridHeight() * encoder.gridWidth() * Math.max(1, levels.size());
        long tokens = pooled ? 1 : clip * (protocol.acrossSegments() ? segments : 1);
        return outputs * tokens * encoder.embedDim();
    }

    /** Type on disk of this many videos. */
    Dtype dtype(EncoderConfig encoder, int videos) {
        return switch (storage) {
            case AUTO -> 4 * values(encoder) * videos <= MUCH ? Dtype.F32 : Dtype.F16;
            case FP32 -> Dtype.F32;
            case FP16 -> Dtype.F16;
            case BF16 -> Dtype.BF16;
        };
    }
}
