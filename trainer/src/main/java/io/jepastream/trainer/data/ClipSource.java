package io.jepastream.trainer.data;

import io.jepastream.ingest.media.Picture;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** A numbered set of clips, each maybe with a label. Its methods may be called by several threads at once. */
public interface ClipSource {
    /** Returns how many clips there are, at least 1. */
    int size();

    /**
     * Returns the name of a clip's class, empty where none is known.
     *
     * @param index 0 to {@code size() - 1}
     */
    Optional<String> label(int index);

    /**
     * Returns what a person finds the clip by, such as its file.
     *
     * @param index 0 to {@code size() - 1}
     */
    String name(int index);

    /**
     * Reads a clip's frames.
     *
     * @param index 0 to {@code size() - 1}
     * @param random which frames, where there is a choice; the same numbers give the same frames
     * @return T pictures, all of one size, as large as they are stored; the same picture may come more than once
     * @throws IOException naming the file that cannot be read
     */
    List<Picture> frames(int index, RandomGenerator random) throws IOException;
}
