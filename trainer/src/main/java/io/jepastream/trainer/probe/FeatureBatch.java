package io.jepastream.trainer.probe;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.jepastream.encoder.tensor.Dtype;
import io.jepastream.encoder.tensor.HostTensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

/**
 * Kept features as rows of a batch, video by video. One buffer serves all batches, so a batch is good until the next.
 *
 * <p>{@code O} rows of a video, {@code N} tokens, {@code D} width.
 */
final class FeatureBatch {
    private final long[] shape; // of one video
    private final Dtype dtype;
    private ByteBuffer buffer = ByteBuffer.allocateDirect(0);

    /** For videos like this one. */
    FeatureBatch(Sample example) throws IOException {
        HostTensor tensor = FeatureCache.read(example.features());
        this.shape = tensor.shape();
        this.dtype = tensor.dtype();
    }

    /** Rows of one video, O. */
    int outputs() {
        return (int) shape[0];
    }

    /**
     * Reads videos.
     *
     * @return {@code [B O, N, D]}, float16 or float32, that borrows the one buffer
     * @throws IOException if the features cannot be read, or are of another shape than those before
     */
    NDArray tokens(NDManager scope, List<Sample> samples) throws IOException {
        boolean widen = dtype == Dtype.BF16; // which the engine's Java side cannot take
        long rows = samples.size() * shape[0];
        long bytes = rows * shape[1] * shape[2] * (widen ? 4 : dtype.bytes());
        if (bytes > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("batch: want at most 2 GiB of features, got %d videos of %s"
                    .formatted(samples.size(), Arrays.toString(shape)));
        }
        if (buffer.capacity() < bytes) {
            buffer = ByteBuffer.allocateDirect((int) bytes).order(ByteOrder.nativeOrder());
        }
        buffer.clear().limit((int) bytes);
        for (Sample sample : samples) {
            HostTensor own = FeatureCache.read(sample.features());
            if (!Arrays.equals(own.shape(), shape) || own.dtype() != dtype) {
                throw new IOException("features of %s: want %s %s, got %s"
                        .formatted(sample.video(), dtype, Arrays.toString(shape), own));
            }
            if (widen) {
                for (float value : own.floats()) {
                    buffer.putFloat(value);
                }
            } else {
                buffer.put(own.bytes());
            }
        }
        buffer.flip();
        DataType type = dtype == Dtype.F16 ? DataType.FLOAT16 : DataType.FLOAT32;
        return scope.create(buffer, new Shape(rows, shape[1], shape[2]), type);
    }

    /** The class of each row. */
    int[] labels(List<Sample> samples) {
        int[] labels = new int[samples.size() * outputs()];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = samples.get(i / outputs()).label();
        }
        return labels;
    }
}
