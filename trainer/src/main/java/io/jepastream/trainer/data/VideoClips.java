package io.jepastream.trainer.data;

import io.jepastream.ingest.media.Picture;
import io.jepastream.ingest.media.VideoIndex;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Clips of videos, sampled as the reference does. A video cut into several parts gives as many clips one after another:
 * number {@code v * clips + i} is part {@code i} of video {@code v}. A picture file is a video of one frame, which is
 * repeated.
 */
public final class VideoClips implements ClipSource {
    private final VideoSet set;
    private final FrameCache cache;
    private final Sampling sampling;

    /**
     * Which frames make a clip.
     *
     * @param frames T
     * @param step how far apart
     * @param clips parts that a video is cut into, with a clip of each
     * @param overlap see {@link ClipSampling}
     */
    public record Sampling(int frames, FrameStep step, int clips, boolean overlap) {
        public Sampling {
            ClipSampling checked = new ClipSampling(frames, 1, clips, overlap);
            clips = checked.clips();
        }

        /** As for pre-training: one clip of a video, and nothing beyond its end. */
        public static Sampling pretraining(int frames, FrameStep step) {
            return new Sampling(frames, step, 1, false);
        }

        ClipSampling in(VideoIndex video) throws IOException {
            return new ClipSampling(frames, step.in(video.fps()), clips, overlap);
        }
    }

    /**
     * Clips of a set of videos.
     *
     * @param set at least one video
     * @param cache where frames come from
     */
    public VideoClips(VideoSet set, FrameCache cache, Sampling sampling) {
        if (set.videos().isEmpty()) {
            throw new IllegalArgumentException("clips: want at least one video, got none");
        }
        Math.multiplyExact(set.videos().size(), sampling.clips());
        this.set = set;
        this.cache = cache;
        this.sampling = sampling;
    }

    @Override
    public int size() {
        return set.videos().size() * sampling.clips();
    }

    @Override
    public Optional<String> label(int index) {
        return video(index).label();
    }

    @Override
    public String name(int index) {
        String file = video(index).file().toString();
        return sampling.clips() == 1 ? file : file + " part " + index % sampling.clips();
    }

    @Override
    public List<Picture> frames(int index, RandomGenerator random) throws IOException {
        Path file = video(index).file();
        VideoIndex video = cache.index(file);
        try {
            List<int[]> parts = sampling.in(video).indices(video.frames(), random);
            List<Picture> frames = cache.frames(file, parts.get(index % sampling.clips()));
            requireOneSize(frames);
            return frames;
        } catch (IOException e) {
            String message = String.valueOf(e.getMessage());
            throw message.contains(file.toString()) ? e : new IOException("video %s: %s".formatted(file, message), e);
        }
    }

    private static void requireOneSize(List<Picture> frames) throws IOException {
        Picture first = frames.get(0);
        for (Picture each : frames) {
            if (each.width() != first.width() || each.height() != first.height()) {
                throw new IOException("want frames of one size, got %dx%d and %dx%d"
                        .formatted(first.width(), first.height(), each.width(), each.height()));
            }
        }
    }

    private VideoSet.Video video(int index) {
        return set.videos().get(index / sampling.clips());
    }
}
