package io.jepastream.trainer.mask;

/** A source of masks. Not thread-safe; draws in the order of the steps. */
public interface Masks {
    /**
     * Masks of the next step.
     *
     * @param batch samples B
     * @param random the run's generator, shared by all sources
     */
    MaskPair next(int batch, TorchRandom random);

    /** Passes over steps that were done before a restart; the run's generator is restored by its own snapshot. */
    void skip(long steps);
}
