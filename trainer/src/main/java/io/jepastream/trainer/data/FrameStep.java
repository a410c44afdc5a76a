package io.jepastream.trainer.data;

import java.io.IOException;

/**
 * How far apart the frames of a clip are in their video.
 *
 * @param value frames of the video, or frames of the clip per second; 1 to 240
 * @param perSecond which of the two: V-JEPA 2 samples by the second, V-JEPA by the frame
 */
public record FrameStep(int value, boolean perSecond) {
    // Frame times are rounded to milliseconds in some containers: 30 frames per second must not become 31.
    private static final double ROUNDING = 0.01;

    public FrameStep {
        if (value < 1 || value > 240) {
            throw new IllegalArgumentException("frame step: want 1 to 240, got " + value);
        }
    }

    /** Every {@code frames}-th frame, whatever the video's rate. */
    public static FrameStep every(int frames) {
        return new FrameStep(frames, false);
    }

    /** About {@code fps} frames per second: the video's rate, rounded up, divided by {@code fps}, rounded down. */
    public static FrameStep perSecond(int fps) {
        return new FrameStep(fps, true);
    }

    /**
     * The step in a video.
     *
     * @param averageFps of the video; 0: a single picture
     * @return 1 or more
     * @throws IOException if the video is too slow
     */
    int in(double averageFps) throws IOException {
        if (!perSecond || averageFps == 0) {
            return perSecond ? 1 : value;
        }
        int step = (int) Math.ceil(averageFps - ROUNDING) / value;
        if (step < 1) {
            throw new IOException("want at least %d frames per second, got %.2f".formatted(value, averageFps));
        }
        return step;
    }
}
