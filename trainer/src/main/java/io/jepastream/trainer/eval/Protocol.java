package io.jepastream.trainer.eval;

import io.jepastream.encoder.EvalTransform;
import io.jepastream.encoder.PixelClip;
import io.jepastream.trainer.data.ClipSampling;
import io.jepastream.trainer.data.VideoFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeSet;

/**
 * How a whole video becomes clips for a probe: {@code frames x segments x views}, such as the published 16x8x3 and
 * 16x2x3 (arXiv:2404.08471, section 4).
 *
 * @param views square crops along the longer side of the picture; 1 is the centre crop, which is scaled differently
 * @param segments clips spread over the video
 * @param frames T of a clip
 * @param step frames of the video from one of the clip to the next
 * @param acrossSegments whether a head sees the tokens of all segments of a view together, as all published numbers do
 * @param seed draws where a clip lies in its part of the video
 */
public record Protocol(int views, int segments, int frames, int step, boolean acrossSegments, long seed) {
    private static final int MOST_VIEWS = 64;

    public Protocol {
        if (views < 1 || views > MOST_VIEWS) {
            throw new IllegalArgumentException("views: want 1 to %d, got %d".formatted(MOST_VIEWS, views));
        }
    }

    /**
     * Decodes and crops one video.
     *
     * @param number of the video in its set, so that its clips do not depend on the others
     * @return for each view its segments, in time order
     * @throws IOException if the video cannot be read
     */
    public List<List<PixelClip>> clips(VideoFile video, EvalTransform transform, long number) throws IOException {
        ClipSampling sampling = new ClipSampling(frames, step, segments, true);
        SplittableRandom random = new SplittableRandom(seed * 1_000_003 + number);
        List<int[]> indices = sampling.indices(video.frames(), random);
        TreeSet<Integer> wanted = new TreeSet<>();
        indices.forEach(clip -> {
            for (int index : clip) {
                wanted.add(index);
            }
        });
        Map<Integer, List<byte[]>> crops = new HashMap<>();
        video.read(
                wanted,
                (index, picture) ->
                        crops.put(index, crops(transform, picture.planes(), picture.width(), picture.height())));
        List<List<PixelClip>> all = new ArrayList<>();
        for (int view = 0; view < views; view++) {
            List<PixelClip> own = new ArrayList<>();
            for (int[] clip : indices) {
                List<byte[]> pictures = new ArrayList<>();
                for (int index : clip) {
                    pictures.add(crops.getOrDefault(index, List.of()).get(view));
                }
                own.add(PixelClip.of(pictures, transform.crop()));
            }
            all.add(own);
        }
        return all;
    }

    private List<byte[]> crops(EvalTransform transform, byte[] rgb, int width, int height) {
        return views == 1 ? List.of(transform.view(rgb, width, height)) : transform.views(rgb, width, height, views);
    }

    /** As the papers write it: frames x segments x views. */
    @Override
    public String toString() {
        return "%dx%dx%d".formatted(frames, segments, views);
    }
}
