package io.jepastream.ingest.synth;

import java.util.Locale;

/**
 * How things move before a camera. Only motion tells them apart: the classes of a pair show the same pictures, in the
 * other order of time ({@link #reverseOf}), or, for the last two, with the two things exchanged after they met.
 */
public enum ObjectMotion {
    /** To the left of the picture. */
    MOVE_LEFT,
    /** To the right of the picture. */
    MOVE_RIGHT,
    /** To the top of the picture. */
    MOVE_UP,
    /** To the bottom of the picture. */
    MOVE_DOWN,
    /** Towards the camera. */
    APPROACH,
    /** Away from the camera. */
    RECEDE,
    /** Turning about the line of sight, as seen. */
    TURN_CLOCKWISE,
    /** Turning about the line of sight, as seen. */
    TURN_COUNTERCLOCKWISE,
    /** Two things meet and rebound. */
    COLLIDE,
    /** Two things meet and each goes on. */
    PASS;

    /** Returns the name for people and folders: {@code move-left}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Returns the motion that this one is when time runs backwards; itself for the two that look alike. */
    public ObjectMotion reverseOf() {
        return switch (this) {
            case MOVE_LEFT -> MOVE_RIGHT;
            case MOVE_RIGHT -> MOVE_LEFT;
            case MOVE_UP -> MOVE_DOWN;
            case MOVE_DOWN -> MOVE_UP;
            case APPROACH -> RECEDE;
            case RECEDE -> APPROACH;
            case TURN_CLOCKWISE -> TURN_COUNTERCLOCKWISE;
            case TURN_COUNTERCLOCKWISE -> TURN_CLOCKWISE;
            case COLLIDE -> COLLIDE;
            case PASS -> PASS;
        };
    }

    /** Whether this is its pair's other motion, with time running backwards. */
    boolean isBackwards() {
        return this == MOVE_LEFT || this == MOVE_UP || this == RECEDE || this == TURN_COUNTERCLOCKWISE;
    }

    /** Whether this is about two things that meet. */
    boolean isMeeting() {
        return this == COLLIDE || this == PASS;
    }
}
