package io.jepastream.encoder;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.jepastream.encoder.tensor.Precision;
import java.util.List;

/**
 * Something that reads the encoder's tokens on the device, such as an attentive probe. It belongs to the thread of the
 * device that it was loaded on.
 */
public interface TokenHead extends AutoCloseable {
    /** What a head says about a batch; both arrays belong to the manager given to the call. */
    record Output(NDArray logits, NDArray pooled) {}

    /** Number of classes C. */
    int classes();

    /**
     * Block indices, ascending, whose normed outputs it reads one after the other along the token axis; none for the
     * encoder's own output. The probes released for Diving48 and Jester read four (V-JEPA 2, multi-level probes).
     */
    default List<Integer> levels() {
        return List.of();
    }

    /**
     * Reads a batch of tokens.
     *
     * @param tokens float32 {@code [B, N, D]}; of several levels or segments, {@code N} counts all of them
     * @return logits {@code [B, C]} and the pooled queries {@code [B, Q, D]}, float32
     */
    Output read(NDManager scope, NDArray tokens);

    @Override
    void close();

    /** A head that is described but not yet on a device. */
    interface Loader {
        /** Name under which results are given out. */
        String name();

        /**
         * Puts the head on the device; runs on the device's thread.
         *
         * @param owner manager of everything it holds
         * @throws IllegalArgumentException if it does not fit the encoder
         */
        TokenHead load(NDManager owner, EncoderConfig encoder, Precision precision);
    }
}
