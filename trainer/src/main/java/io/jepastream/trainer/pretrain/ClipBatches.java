package io.jepastream.trainer.pretrain;

import io.jepastream.trainer.data.Clips;
import java.io.IOException;
import java.util.List;

/** Clips of a run, in an order that depends on its seed alone. */
@FunctionalInterface
public interface ClipBatches extends AutoCloseable {
    /**
     * The next batch, by length.
     *
     * @return clips of every length that the batch has, each length once
     * @throws IOException if nothing can be read any more
     */
    List<Clips> next() throws IOException, InterruptedException;

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
