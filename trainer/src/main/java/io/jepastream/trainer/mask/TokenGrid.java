package io.jepastream.trainer.mask;

/**
 * Tokens of a clip: {@code time x height x width}, numbered width fastest, then height, then time.
 *
 * @param time tubelets
 */
public record TokenGrid(int time, int height, int width) {
    public TokenGrid {
        if (time < 1 || height < 1 || width < 1) {
            throw new IllegalArgumentException(
                    "token grid: want positive sides, got %d x %d x %d".formatted(time, height, width));
        }
    }

    /** Number of tokens N. */
    public int tokens() {
        return time * height * width;
    }
}
