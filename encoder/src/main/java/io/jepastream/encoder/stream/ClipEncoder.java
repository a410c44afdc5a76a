package io.jepastream.encoder.stream;

import io.jepastream.encoder.ClipResult;
import io.jepastream.encoder.PixelClip;
import io.jepastream.ingest.media.Picture;
import io.jepastream.ingest.media.PictureDecoder;
import io.jepastream.ingest.media.PictureException;
import io.jepastream.ingest.media.PictureHeader;
import io.jepastream.ingest.wire.Clip;
import io.jepastream.ingest.wire.ClipFrame;
import io.jepastream.ingest.wire.Wire;
import io.jepastream.ingest.wire.WireException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Clips of compressed pictures to what the model says, on the stream and offline alike. Used by one thread. */
public final class ClipEncoder implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ClipEncoder.class);
    private static final int LEAST_SHARE_OF_BAD = 4; // one in four may be bad, no more

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
     * Encodes a clip. A picture that cannot be decoded is as a missing one: its slot shows the nearest that can, and is named in the
     * result; the log says why. More than a quarter of them are too many.
     *
     * @throws WireException if the clip's record says something it may not say
     * @throws PictureException if too many pictures cannot be decoded
     * @throws ClipException if the model cannot take the clip
     */
    public EncodedClip encode(Clip clip) throws WireException, PictureException, ClipException, InterruptedException {
        TreeSet<Integer> missing = new TreeSet<>(clip.getMissing());
        PixelClip pixels;
        try {
            pixels = model.prepare(pictures(clip, missing));
        } catch (IllegalArgumentException e) {
            throw new ClipException(
                    "clip %s at %d: %s".formatted(clip.getCamera(), clip.getStart(), e.getMessage()), e);
        }
        return EncodedClip.of(clip, List.copyOf(missing), runner.run(pixels), model.identity());
    }

    private List<Picture> pictures(Clip clip, Set<Integer> missing) throws WireException, PictureException {
        int[] sources = sources(clip);
        TreeMap<Integer, Picture> own = new TreeMap<>();
        List<PictureException> bad = new ArrayList<>();
        for (int slot = 0; slot < sources.length; slot++) {
            if (sources[slot] == slot) {
                try {
                    own.put(slot, picture(clip, slot));
                } catch (PictureException e) {
                    bad.add(e);
                }
            }
        }
        if (own.isEmpty() || bad.size() > sources.length / LEAST_SHARE_OF_BAD) {
            throw bad.get(0);
        }
        bad.forEach(error -> LOG.warn("{}", error.getMessage()));
        List<Picture> pictures = new ArrayList<>(sources.length);
        for (int slot = 0; slot < sources.length; slot++) {
            Picture picture = own.get(sources[slot]);
            if (picture == null) {
                missing.add(slot);
                picture = nearest(slot, own);
            }
            pictures.add(picture);
        }
        return pictures;
    }

    /** The picture nearest to a slot, the earlier of two. */
    private static Picture nearest(int slot, NavigableMap<Integer, Picture> own) {
        Map.Entry<Integer, Picture> before = own.floorEntry(slot);
        Map.Entry<Integer, Picture> after = own.ceilingEntry(slot);
        if (before == null || (after != null && after.getKey() - slot < slot - before.getKey())) {
            return Objects.requireNonNull(after, "a clip has pictures").getValue();
        }
        return before.getValue();
    }

    /** For each slot the one whose picture it shows. */
    private int[] sources(Clip clip) throws WireException {
        List<ClipFrame> frames = clip.getFrames();
        if (!model.takes(frames.size())) {
            throw new WireException("clip %s at %d: want as many frames as model %s takes, got %d"
                    .formatted(
                            clip.getCamera(), clip.getStart(), model.identity().name(), frames.size()));
        }
        requirePixels(clip);
        int[] sources = new int[frames.size()];
        for (int slot = 0; slot < sources.length; slot++) {
            int source =
                    frames.get(slot).getSource() == -1 ? slot : frames.get(slot).getSource();
            if (source < 0 || source >= sources.length || frames.get(source).getSource() != -1) {
                throw new WireException("clip %s at %d: slot %d: want the source to be a slot with a picture, got %d"
                        .formatted(clip.getCamera(), clip.getStart(), slot, source));
            }
            sources[slot] = source;
        }
        return sources;
    }

    /** All pictures of a clip are in memory at once, and a small record can hold very large ones. */
    private static void requirePixels(Clip clip) throws WireException {
        long pixels = 0;
        for (ClipFrame frame : clip.getFrames()) {
            pixels += frame.getSource() == -1 ? (long) frame.getWidth() * frame.getHeight() : 0;
        }
        if (pixels > PictureHeader.MAX_CLIP_PIXELS) {
            throw new WireException("clip %s at %d: want pictures of at most %d pixels together, got %d"
                    .formatted(clip.getCamera(), clip.getStart(), PictureHeader.MAX_CLIP_PIXELS, pixels));
        }
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
