package io.jepastream.ingest.synth;

import java.util.Arrays;
import java.util.Locale;

/** How a camera moves. The names are the camera's view: what is seen moves the other way. */
public enum CameraMotion {
    /** The camera stands still; things in front of it may move. */
    STATIC,
    /** The camera turns left, so what is seen moves to the right. */
    PAN_LEFT,
    /** The camera turns right, so what is seen moves to the left. */
    PAN_RIGHT,
    /** The camera turns up, so what is seen moves down. */
    TILT_UP,
    /** The camera turns down, so what is seen moves up. */
    TILT_DOWN,
    /** The focal length grows, so what is seen grows. */
    ZOOM_IN,
    /** The focal length shrinks, so what is seen shrinks. */
    ZOOM_OUT,
    /** The camera turns about the line of sight, either way. */
    ROLL,
    /** The camera trembles, without going anywhere. */
    SHAKE;

    /** Returns the name for people and label files: {@code pan left}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    /**
     * Understands a name, {@code pan-left}, {@code pan left} or {@code PAN_LEFT}.
     *
     * @throws IllegalArgumentException naming all motions when it is none of them
     */
    public static CameraMotion parse(String name) {
        String wanted = name.strip().toLowerCase(Locale.ROOT).replace('-', ' ').replace('_', ' ');
        return Arrays.stream(values())
                .filter(motion -> motion.label().equals(wanted))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("camera motion: want one of %s, got '%s'"
                        .formatted(
                                Arrays.stream(values())
                                        .map(motion -> motion.label().replace(' ', '-'))
                                        .toList(),
                                name)));
    }
}
