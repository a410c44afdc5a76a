package io.jepastream.trainer.data;

import io.jepastream.encoder.EvalTransform;
import io.jepastream.ingest.media.Picture;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Turns the pictures of a clip into a square crop of it, the same way for all of them. Immutable.
 *
 * <p>T pictures, S pixels a side; the output is {@code [3, T, S, S]} uint8, planar RGB.
 */
public interface Augmentation {
    /** Returns S. */
    int crop();

    /**
     * Writes the crop of a clip.
     *
     * @param frames T pictures of one size
     * @param random what the crop is drawn from; an evaluation draws nothing
     * @param to gets {@code 3 * T * S * S} bytes
     * @param offset of the first byte
     */
    void apply(List<Picture> frames, RandomGenerator random, byte[] to, int offset);

    /** The crop in an array of its own. */
    default byte[] apply(List<Picture> frames, RandomGenerator random) {
        byte[] to = new byte[3 * frames.size() * crop() * crop()];
        apply(frames, random, to, 0);
        return to;
    }

    /** The reference's evaluation: the centre view of {@link EvalTransform}. */
    static Augmentation evaluation(int crop) {
        return new CentreView(new EvalTransform(crop));
    }

    /** The reference's pre-training: a random resized crop of 30 to 100 % of the area, and a flip every other time. */
    static Augmentation pretraining(int crop) {
        return RandomView.of(crop, true);
    }

    /** The centre of every picture. */
    record CentreView(EvalTransform transform) implements Augmentation {
        @Override
        public int crop() {
            return transform.crop();
        }

        @Override
        public void apply(List<Picture> frames, RandomGenerator random, byte[] to, int offset) {
            int plane = crop() * crop();
            for (int t = 0; t < frames.size(); t++) {
                Picture frame = frames.get(t);
                byte[] view = transform.view(frame.planes(), frame.width(), frame.height());
                for (int c = 0; c < 3; c++) {
                    System.arraycopy(view, c * plane, to, offset + (c * frames.size() + t) * plane, plane);
                }
            }
        }
    }
}
