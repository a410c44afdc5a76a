package io.jepastream.trainer.pretrain;

import java.io.IOException;

/** Clips of a run, in an order that depends on its seed alone. */
@FunctionalInterface
public interface ClipBatches extends AutoCloseable {
    /**
     * The next batch, uint8 {@code [B, 3, T, S, S]} RGB.
     *
     * @throws IOException if nothing can be read any more
     */
    byte[] next() throws IOException, InterruptedException;

    /** Ends reading ahead, where there is any. */
    @Override
    default void close() {}

    /** Opens the batches of a run from a certain one on. */
    @FunctionalInterface
    interface Opener {
        /**
         * Opens them; the run closes what it gets.
         *
         * @param first number of the first batch, from 0
         */
        ClipBatches open(long first) throws IOException;
    }
}
