package io.jepastream.trainer.data;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Which frames of a video make its clips, as the reference samples them. The video is cut into {@code clips} equal parts
 * and each gives one clip of {@code frames} frames that spans {@code frames * step} of the video's.
 *
 * <p>Frames come from {@code linspace}, which takes in the end of the span: the distances are not all {@code step}.
 * Released probes were trained and scored so, and it stays.
 *
 * @param frames T of a clip
 * @param step frames of the video from one of the clip to the next, about
 * @param clips segments of the video, equally spread
 * @param overlap what to do where a part is shorter than a clip: let clips overlap (probes), or repeat the part's last
 *     frame (pre-training)
 */
public record ClipSampling(int frames, int step, int clips, boolean overlap) {
    private static final int MOST = 4096;

    public ClipSampling {
        require("frames", frames);
        require("frame step", step);
        require("segments", clips);
    }

    private static void require(String what, int value) {
        if (value < 1 || value > MOST) {
            throw new IllegalArgumentException("%s: want 1 to %d, got %d".formatted(what, MOST, value));
        }
    }

    /**
     * Picks the frames of every clip.
     *
     * @param videoFrames frames of the video, 1 or more
     * @param random where a clip lies in a part longer than itself; the reference draws this for validation too
     * @return for each clip {@code frames} ascending indices into the video, 0 to {@code videoFrames - 1}
     */
    public List<int[]> indices(int videoFrames, RandomGenerator random) {
        if (videoFrames < 1) {
            throw new IllegalArgumentException("video: want 1 frame or more, got " + videoFrames);
        }
        long span = (long) frames * step;
        int part = videoFrames / clips;
        List<int[]> all = new ArrayList<>();
        for (int i = 0; i < clips; i++) {
            if (part > span) {
                int end = (int) span + random.nextInt(part - (int) span);
                int start = end - (int) span;
                all.add(shifted(linspace(start, end, frames, start, end - 1), i * part));
            } else if (overlap) {
                int last = (int) Math.min(span, videoFrames) - 1;
                int hop = videoFrames > span ? (int) (videoFrames - span) / (clips - 1) : 0;
                all.add(shifted(padded(last), i * hop));
            } else {
                all.add(shifted(padded(part), Math.min(i * part, videoFrames - 1)));
            }
        }
        return all;
    }

    /** As many points up to {@code last} as steps fit, then {@code last} over and over; none past {@code last - 1}. */
    private int[] padded(int last) {
        int points = Math.min(frames, last / step);
        int[] head = linspace(0, last, points, 0, Math.max(0, last - 1));
        int[] indices = new int[frames];
        for (int i = 0; i < frames; i++) {
            indices[i] = i < points ? head[i] : Math.max(0, last - 1);
        }
        return indices;
    }

    /** {@code points} equally spaced numbers from start to end, both taken in, clipped and cut to integers. */
    private static int[] linspace(int start, int end, int points, int least, int most) {
        int[] out = new int[points];
        double step = points > 1 ? (end - start) / (double) (points - 1) : 0;
        for (int i = 0; i < points; i++) {
            double at = i > 0 && i == points - 1 ? end : i * step + start;
            out[i] = (int) Math.min(Math.max(at, least), most);
        }
        return out;
    }

    private static int[] shifted(int[] indices, int by) {
        for (int i = 0; i < indices.length; i++) {
            indices[i] += by;
        }
        return indices;
    }
}
