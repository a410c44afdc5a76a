package io.jepastream.encoder.checkpoint;

/** The value that stands for no value. */
public enum PyNone {
    /** The only one. */
    NONE
}
