package io.jepastream.trainer.pretrain;

import io.jepastream.trainer.data.Clips;
import io.jepastream.trainer.mask.Masks;
import io.jepastream.trainer.mask.TorchRandom;
import java.util.List;

/**
 * The masks of one device's clips. Each device has sources and random numbers of its own, as each process of the reference
 * has: blocks are of the same size on all devices, which count the same steps, and lie elsewhere on each. Not thread-safe.
 */
final class DeviceMasks {
    private final List<Masks> sources;
    private final TorchRandom random;

    DeviceMasks(Recipe recipe, TorchRandom random) {
        this.sources = recipe.masks();
        this.random = random;
    }

    /** Numbers for the device of this rank, from 0, at the start of a run. */
    static TorchRandom random(long seed, int rank) {
        return new TorchRandom(seed + rank);
    }

    /**
     * Draws the masks of a device's next batch.
     *
     * @param share of the step that the batch has
     */
    List<Part> next(List<Clips> batch, double share) {
        return batch.stream()
                .map(clips -> new Part(
                        clips,
                        sources.stream()
                                .map(source -> source.next(clips.count(), random))
                                .toList(),
                        0,
                        share / batch.size()))
                .toList();
    }

    /** Passes over batches that were done before a restart. */
    void skip(long batches) {
        sources.forEach(source -> source.skip(batches));
    }

    /** Where the random numbers stand. */
    TorchRandom random() {
        return random;
    }
}
