package io.jepastream.ingest.wire;

import java.util.List;

/** Names of the topics and of the headers that their records carry. */
public final class Topics {
    /** System property: what the names of all topics of this process begin with, so that sites can share a cluster; default nothing. */
    public static final String PREFIX_PROPERTY = "jepa.topics.prefix";

    private static final String PREFIX = System.getProperty(PREFIX_PROPERTY, "");

    /** Sampled frames and ticks: {@link Frame}. */
    public static final String FRAMES = PREFIX + "frames";

    /** Assembled clips: {@link Clip}. */
    public static final String CLIPS = PREFIX + "clips";

    /** Windows that could not be filled: {@link ClipGap}. */
    public static final String CLIP_GAPS = PREFIX + "clip-gaps";

    /** One embedding for each clip. */
    public static final String EMBEDDINGS = PREFIX + "embeddings";

    /** One record for each clip and head. */
    public static final String ACTION_LABELS = PREFIX + "action-labels";

    /** Records that could not be processed, as they came, with {@link DeadLetter} headers. */
    public static final String DEAD_LETTERS = PREFIX + "dead-letters";

    /** What the processes of a site have agreed on: the model, and the schemas of records. One partition, compacted. */
    public static final String SITE = PREFIX + "site";

    /** Every topic, in the order of the pipeline. */
    public static final List<String> ALL =
            List.of(FRAMES, CLIPS, CLIP_GAPS, EMBEDDINGS, ACTION_LABELS, DEAD_LETTERS, SITE);

    /** Header of every record about a clip or gap: its start, epoch microseconds in decimal digits. */
    public static final String HEADER_CLIP_START = "clip-start";

    /** Header of every record that a model made: the name of its bundle. */
    public static final String HEADER_MODEL = "model";

    /** Largest record, bytes: of a message on any topic, and of a producer's request. */
    public static final int MAX_RECORD_BYTES = 8 << 20;

    private Topics() {}
}
