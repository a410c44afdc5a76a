package io.jepastream.trainer.augment;

import io.jepastream.ingest.media.Picture;
import io.jepastream.trainer.data.Augmentation;
import io.jepastream.trainer.data.RandomView;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * How a labelled clip is varied: RandAugment on whole frames, then a random resized crop, then random erasing, in the
 * reference's order.
 *
 * @param view the crop
 * @param operations on frames
 * @param erasing of the crop
 */
public record TrainingView(RandomView view, RandAugment operations, Erasing erasing) implements Augmentation {
    /** The crop alone. */
    public static TrainingView of(RandomView view) {
        return new TrainingView(view, RandAugment.NONE, Erasing.NONE);
    }

    @Override
    public int crop() {
        return view.crop();
    }

    @Override
    public void apply(List<Picture> frames, RandomGenerator random, byte[] to, int offset) {
        view.apply(operations.apply(frames, random), random, to, offset);
        erasing.apply(to, offset, frames.size(), view.crop(), random);
    }
}
