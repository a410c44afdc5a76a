package io.jepastream.trainer.pretrain;

import io.jepastream.trainer.data.BatchLoader;
import io.jepastream.trainer.data.Clips;
import io.jepastream.trainer.data.FrameCache;
import io.jepastream.trainer.data.FrameStep;
import io.jepastream.trainer.data.RandomView;
import io.jepastream.trainer.data.VideoClips;
import io.jepastream.trainer.data.VideoSet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Augmented clips of the videos that a run's configuration names. */
public final class VideoBatches implements ClipBatches {
    private static final int DEFAULT_THREADS = 2;
    private static final long MOST_CACHED = 200L << 30;

    private final BatchLoader loader;

    private VideoBatches(BatchLoader loader) {
        this.loader = loader;
    }

    /**
     * Finds the videos and opens their cache, so that what is not there is told before anything else is done.
     *
     * @param folder that relative paths of the configuration start from
     * @throws IOException if there are no videos, or the cache cannot be opened
     */
    public static ClipBatches.Opener of(Recipe recipe, Path folder) throws IOException {
        PretrainConfig config = recipe.config();
        VideoSet set = videos(config.data(), folder);
        String cached = config.data().cache();
        int crop = recipe.encoder().imgHeight();
        FrameCache.Settings settings = FrameCache.Settings.forCrop(crop);
        FrameCache cache = cached == null
                ? FrameCache.none(settings.shortSide())
                : FrameCache.in(
                        folder.resolve(cached),
                        new FrameCache.Settings(settings.shortSide(), settings.quality(), MOST_CACHED));
        VideoClips clips = new VideoClips(
                set, cache, VideoClips.Sampling.pretraining(recipe.encoder().numFrames(), step(config.data())));
        PretrainConfig.Augment a = config.augment();
        RandomView view = new RandomView(
                crop,
                a.scale().get(0),
                a.scale().get(1),
                a.aspect().get(0),
                a.aspect().get(1),
                a.flip());
        Integer threads = config.data().threads();
        BatchLoader.Settings batches = BatchLoader.Settings.of(
                        config.data().batchSize(), recipe.encoder().numFrames(), config.seed())
                .reading(threads == null ? DEFAULT_THREADS : threads, 4);
        return first -> new VideoBatches(
                new BatchLoader(List.of(new BatchLoader.Weighted(clips, 0)), view, batches.from(first), List.of()));
    }

    private static VideoSet videos(PretrainConfig.Data data, Path folder) throws IOException {
        VideoSet set = new VideoSet(List.of());
        for (String path : orNone(data.videos())) {
            set = set.and(VideoSet.of(folder.resolve(path)));
        }
        for (String list : orNone(data.lists())) {
            set = set.and(VideoSet.list(folder.resolve(list)));
        }
        if (set.videos().isEmpty()) {
            throw new IOException("data: want videos or lists, got none");
        }
        return set;
    }

    private static List<String> orNone(@Nullable List<String> paths) {
        return paths == null ? List.of() : paths;
    }

    private static FrameStep step(PretrainConfig.Data data) {
        Integer fps = data.fps();
        Integer step = data.frameStep();
        if (fps != null) {
            return FrameStep.perSecond(fps);
        }
        if (step == null) {
            throw new IllegalArgumentException("data: want fps or frame_step, got neither");
        }
        return FrameStep.every(step);
    }

    @Override
    public List<Clips> next() throws IOException, InterruptedException {
        return List.of(loader.next().clips());
    }

    @Override
    public void close() {
        loader.close();
    }
}
