package io.jepastream.encoder.stream;

import io.jepastream.encoder.ClipResult;
import io.jepastream.encoder.PixelClip;
import io.jepastream.ingest.media.Picture;
import java.util.List;

/** What the stream needs of a model. Thread-safe. */
public interface ClipModel {
    /** Who it is, as its records say. */
    ModelIdentity identity();

    /** Whether it takes clips of so many frames. */
    boolean takes(int frames);

    /**
     * Scales and crops the pictures of a clip.
     *
     * @param pictures one per frame, of any one size
     * @throws IllegalArgumentException if their number or sizes do not fit
     */
    PixelClip prepare(List<Picture> pictures);

    /**
     * Runs clips through the model; blocks.
     *
     * @return a result per clip, in order, which does not depend on the other clips
     */
    List<ClipResult> infer(List<PixelClip> clips);
}
