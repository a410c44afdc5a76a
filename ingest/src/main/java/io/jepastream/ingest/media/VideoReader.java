package io.jepastream.ingest.media;

import io.jepastream.ingest.media.SourceException.Reason;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The frames of a video file by number, in any order: decodes forward, and from the keyframe before where that is nearer.
 * One thread; closed by whoever made it.
 */
public final class VideoReader implements AutoCloseable {
    private static final long NONE = Long.MIN_VALUE;

    private final Path video;
    private final VideoIndex index;
    private @Nullable FrameSource source;
    private long at = NONE;
    private @Nullable Picture last;

    /** Prepares to read; the file is opened by the first frame asked for. */
    public VideoReader(Path video, VideoIndex index) {
        this.video = video;
        this.index = index;
    }

    /**
     * Decodes one frame. Where the file is damaged there, this is the next frame that can be decoded, or at the end of
     * the file the one given out last.
     *
     * @param number 0 to {@code index.frames() - 1}
     * @param shortSide of the picture, pixels, even; 0 keeps the video's own size
     * @throws SourceException if the file cannot be read, or nothing of it decoded from there on
     * @throws PictureException when the result would be of an absurd size
     */
    public Picture frame(int number, int shortSide) throws SourceException, PictureException {
        long wanted = index.micros(number);
        FrameSource from = source;
        if (from == null || at == NONE || at > wanted || index.micros(key(number)) > at) {
            from = locate(key(number), wanted);
        }
        while (at < wanted) {
            if (!advance(from)) {
                at = NONE;
                Picture before = last;
                if (before == null) {
                    throw new SourceException(
                            Reason.BROKEN,
                            "video %s: want frame %d of %d, got no picture from there on"
                                    .formatted(video, number, index.frames()));
                }
                return before;
            }
        }
        Picture picture = from.picture(shortSide);
        last = picture;
        return picture;
    }

    private int key(int number) {
        return Math.max(0, index.keyframeBefore(number));
    }

    /** Moves to a frame that is not after the wanted time: the keyframe, an earlier one, or the start. */
    private FrameSource locate(int keyframe, long wanted) throws SourceException {
        FrameSource open = source;
        if (open == null) {
            open = reopen();
        }
        for (int key = keyframe; key > 0; key = index.keyframeBefore(key - 1)) {
            if (open.seek(index.micros(key)) && advance(open) && at <= wanted) {
                return open;
            }
        }
        open = reopen();
        advance(open);
        return open;
    }

    private boolean advance(FrameSource from) throws SourceException {
        boolean there = from.next();
        at = there ? from.timeMicros() : NONE;
        return there;
    }

    private FrameSource reopen() throws SourceException {
        close();
        FrameSource fresh = LibavSource.of(SourceUrl.parse(video.toString()), SourceOptions.DEFAULTS);
        source = fresh;
        fresh.open();
        return fresh;
    }

    @Override
    public void close() {
        FrameSource open = source;
        if (open != null) {
            open.close();
            source = null;
        }
        at = NONE;
    }
}
