package io.jepastream.encoder.stream;

import io.jepastream.encoder.ClipResult;
import io.jepastream.encoder.PixelClip;
import io.jepastream.ingest.media.Picture;
import io.jepastream.ingest.media.PictureDecoder;
import io.jepastream.ingest.media.PictureException;
import io.jepastream.ingest.wire.Clip;
import io.jepastream.ingest.wire.ClipFrame;
import io.jepastream.ingest.wire.Wire;
import io.jepastream.ingest.wire.WireException;
import java.util.ArrayList;
import java.util.List;

/** Clips of compressed pictures to what the model says, on the stream and offline alike. Used by one thread. */
public final class ClipEncoder implements AutoCloseable {
    private final ClipModel model;
    private final ClipRunner runner;
    private final PictureDecoder decoder = new PictureDecoder();

    /** Runs a prepared clip through the model; blocks. */
    @FunctionalInterface
    public interface ClipRunner {
        /**
         * Runs one clip.
         *
         * @throws ClipException if the clip cannot be encoded, now or ever
         */
        ClipResult run(PixelClip clip) throws ClipException, InterruptedException;
    }

    /**
     * An encoder for one thread.
     *
     * @param model prepares pictures
     * @param runner runs what was prepared: the model itself, or a batcher in front of it
     */
    public ClipEncoder(ClipModel model, ClipRunner runner) {
        this.model = model;
        this.runner = runner;
    }

    /**
     * Encodes a clip.
     *
     * @throws WireException if the clip's record says something it may not say
     * @throws PictureException if a picture cannot be decoded
     * @throws ClipException if the model cannot take the clip
     */
    public EncodedClip encode(Clip clip) throws WireException, PictureException, ClipException, InterruptedException {
        PixelClip pixels;
        try {
            pixels = model.prepare(pictures(clip));
        } catch (IllegalArgumentException e) {
            throw new ClipException(
                    "clip %s at %d: %s".formatted(clip.getCamera(), clip.getStart(), e.getMessage()), e);
        }
        return EncodedClip.of(clip, runner.run(pixels), model.identity());
    }

    private List<Picture> pictures(Clip clip) throws WireException, PictureException {
        List<ClipFrame> frames = clip.getFrames();
        if (frames.size() != model.frames()) {
            throw new WireException("clip %s at %d: want the model's %d frames, got %d"
                    .formatted(clip.getCamera(), clip.getStart(), model.frames(), frames.size()));
        }
        Picture[] own = new Picture[frames.size()];
        List<Picture> pictures = new ArrayList<>(frames.size());
        for (int slot = 0; slot < own.length; slot++) {
            int source =
                    frames.get(slot).getSource() == -1 ? slot : frames.get(slot).getSource();
            if (source < 0 || source >= own.length || frames.get(source).getSource() != -1) {
                throw new WireException("clip %s at %d: slot %d: want the source to be a slot with a picture, got %d"
                        .formatted(clip.getCamera(), clip.getStart(), slot, source));
            }
            if (own[source] == null) {
                own[source] = picture(clip, source);
            }
            pictures.add(own[source]);
        }
        return pictures;
    }

    private Picture picture(Clip clip, int slot) throws PictureException {
        ClipFrame frame = clip.getFrames().get(slot);
        try {
            return decoder.decode(
                    frame.getEncoding(), Wire.bytes(frame.getData()), frame.getWidth(), frame.getHeight());
        } catch (PictureException e) {
            throw new PictureException(
                    "clip %s at %d: slot %d: %s".formatted(clip.getCamera(), clip.getStart(), slot, e.getMessage()));
        }
    }

    @Override
    public void close() {
        decoder.close();
    }
}
