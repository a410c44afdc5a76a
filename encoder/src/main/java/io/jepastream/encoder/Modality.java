package io.jepastream.encoder;

/** What a clip is to V-JEPA 2.1, which has a learned vector for each. */
public enum Modality {
    /** A clip of two frames or more. */
    VIDEO,
    /** A clip of one frame. */
    IMAGE
}
