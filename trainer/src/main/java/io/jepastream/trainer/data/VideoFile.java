package io.jepastream.trainer.data;

import io.jepastream.ingest.media.FrameSource;
import io.jepastream.ingest.media.LibavSource;
import io.jepastream.ingest.media.Picture;
import io.jepastream.ingest.media.PictureException;
import io.jepastream.ingest.media.SourceException;
import io.jepastream.ingest.media.SourceOptions;
import io.jepastream.ingest.media.SourceUrl;
import java.io.IOException;
import java.nio.file.Path;
import java.util.SortedSet;

/** The frames of a video file by number, as the decoder gives them. */
public record VideoFile(Path file) {
    /** Takes one frame. */
    @FunctionalInterface
    public interface Visitor {
        /**
         * Takes one frame.
         *
         * @param index from 0
         * @param picture at its own size
         */
        void frame(int index, Picture picture);
    }

    /**
     * Counts the frames by decoding them all.
     *
     * @throws IOException if the file cannot be read, or holds no picture
     */
    public int frames() throws IOException {
        int count = 0;
        try (FrameSource source = open()) {
            while (source.next()) {
                count++;
            }
        } catch (SourceException e) {
            throw new IOException("video %s: %s".formatted(file, e.getMessage()), e);
        }
        if (count == 0) {
            throw new IOException("video %s: want at least one picture, got none".formatted(file));
        }
        return count;
    }

    /**
     * Decodes up to the last wanted frame and shows the wanted ones, in order.
     *
     * @param wanted numbers below {@link #frames}
     * @throws IOException if the file cannot be read or ends before
     */
    public void read(SortedSet<Integer> wanted, Visitor visitor) throws IOException {
        try (FrameSource source = open()) {
            int at = 0;
            for (int index : wanted) {
                boolean there = true;
                while (there && at <= index) {
                    there = source.next();
                    at++;
                }
                if (!there) {
                    throw new IOException("video %s: want frame %d, got only %d".formatted(file, index, at - 1));
                }
                visitor.frame(index, source.picture(0));
            }
        } catch (SourceException | PictureException e) {
            throw new IOException("video %s: %s".formatted(file, e.getMessage()), e);
        }
    }

    private FrameSource open() throws SourceException {
        FrameSource source = LibavSource.of(SourceUrl.parse(file.toString()), SourceOptions.DEFAULTS);
        try {
            source.open();
            return source;
        } catch (SourceException e) {
            source.close();
            throw e;
        }
    }
}
