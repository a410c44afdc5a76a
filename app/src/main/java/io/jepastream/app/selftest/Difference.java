package io.jepastream.app.selftest;

/**
 * One thing that is not as it must be.
 *
 * @param what kind of it
 * @param topic where
 * @param group camera, in dead letters also the stage; empty where it concerns all of the topic
 * @param name of the record: when the clip starts, or which record is dead
 * @param detail partition and offset, or what was wanted and what came
 */
record Difference(What what, String topic, String group, String name, String detail) {
    /** Kinds of differences. */
    enum What {
        /** Expected and not there. */
        MISSING,
        /** There more often than expected. */
        TWICE,
        /** There, and not expected at all. */
        UNEXPECTED,
        /** There, with other bytes. */
        ALTERED,
        /** There, but not after the record that it follows. */
        OUT_OF_ORDER,
        /** An acknowledged frame is not in the log. */
        LOST_FRAME,
        /** The pipeline did not come to rest. */
        UNFINISHED
    }

    @Override
    public String toString() {
        return "%s %s %s %s %s".formatted(what, topic, group, name, detail).trim();
    }
}
