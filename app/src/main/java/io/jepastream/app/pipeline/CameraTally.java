package io.jepastream.app.pipeline;

/**
 * What was committed about one camera since the monitor started.
 *
 * @param clips assembled
 * @param gaps windows that could not be filled
 * @param embeddings clips encoded
 * @param deadClips clips that could not be encoded
 * @param deadFrames frames that were none
 */
public record CameraTally(long clips, long gaps, long embeddings, long deadClips, long deadFrames) {
    /** Nothing yet. */
    public static final CameraTally NONE = new CameraTally(0, 0, 0, 0, 0);

    /** Dead letters of every stage. */
    public long deadLetters() {
        return deadClips + deadFrames;
    }

    /** Whether every clip was encoded or given up. */
    boolean isEncoded() {
        return clips <= embeddings + deadClips;
    }

    /** The two together. */
    public CameraTally plus(CameraTally other) {
        return new CameraTally(
                clips + other.clips,
                gaps + other.gaps,
                embeddings + other.embeddings,
                deadClips + other.deadClips,
                deadFrames + other.deadFrames);
    }
}
