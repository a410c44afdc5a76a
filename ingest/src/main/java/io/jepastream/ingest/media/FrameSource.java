package io.jepastream.ingest.media;

/**
 * A camera or a file as a row of decoded frames. Used by one thread; only {@link #cancel()} and {@link #overdueNanos()}
 * may be called from others. Whoever made it closes it, on the thread that used it.
 *
 * <pre>{@code
 * source.open();
 * while (source.next()) {
 *     if (wanted(source.timeMicros())) {
 *         use(source.picture(256));
 *     }
 * }
 * }</pre>
 */
public interface FrameSource extends AutoCloseable {
    /**
     * Connects, or opens the file. Returns within the source's deadline.
     *
     * @throws SourceException when there is nothing to read
     */
    void open() throws SourceException;

    /**
     * Moves to the next frame. Returns within the source's deadline.
     *
     * @return false at the end of the stream, and from then on
     * @throws SourceException when the source broke, fell silent or was cancelled
     */
    boolean next() throws SourceException;

    /**
     * Moves a file to a keyframe at or before a time, where it finds one: {@link #next} then gives the frames from there
     * on. What comes is told by {@link #timeMicros}: some containers land later, or give a few frames from before.
     *
     * @param micros on the source's own timeline
     * @return false where the source cannot be moved; nothing happened then
     * @throws SourceException when the source broke or was cancelled
     */
    default boolean seek(long micros) throws SourceException {
        return false;
    }

    /** Returns the current frame's presentation time on the source's own timeline, microseconds; a file starts at 0. */
    long timeMicros();

    /** Returns when the current frame stops being shown, on the source's own timeline, microseconds. */
    long endMicros();

    /**
     * Renders the current frame.
     *
     * @param shortSide length of the picture's short side, pixels, even; 0 keeps the source's own size
     * @throws PictureException when the result would be of an absurd size
     */
    Picture picture(int shortSide) throws PictureException;

    /** Returns how many pictures could not be decoded since the last call, and starts again from 0. */
    int takeDecodeErrors();

    /** Returns whether this is a live feed, without an end of its own; certain once the source is open. */
    boolean isLive();

    /** Returns whether frames come at their own speed; else as fast as they are asked for. */
    boolean isPaced();

    /** Makes the call in progress and every later one fail soon with {@link SourceException.Reason#CANCELLED}. */
    void cancel();

    /** Returns by how much the native call in progress has outlived its deadline, nanoseconds; not positive: it has not. */
    default long overdueNanos() {
        return 0;
    }

    /** Frees everything; may be called twice. */
    @Override
    void close();
}
