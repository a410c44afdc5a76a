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
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Augmented clips of the videos and pictures that a run's configuration names. Each batch of clips comes with a batch of
 * images, where the run has images.
 */
public final class VideoBatches implements ClipBatches {
    private static final int DEFAULT_THREADS = 2;
    private static final int AHEAD = 4;
    private static final long MOST_CACHED = 200L << 30;

    private final List<BatchLoader> loaders = new ArrayList<>();

    private VideoBatches() {}

    /** What a loader is made of. */
    private record Feed(List<BatchLoader.Weighted> sources, BatchLoader.Settings settings) {}

    /**
     * Finds the videos and opens their cache, so that what is not there is told before anything else is done.
     *
     * @param folder that relative paths of the configuration start from
     * @throws IOException if there are no videos, or the cache cannot be opened
     */
    public static ClipBatches.Opener of(Recipe recipe, Path folder) throws IOException {
        PretrainConfig config = recipe.config();
        PretrainConfig.Data data = config.data();
        ClipPlan plan = recipe.clips();
        FrameCache cache = cache(data, recipe.encoder().imgHeight(), folder);
        List<Feed> feeds = new ArrayList<>();
        if (!plan.videos().isEmpty()) {
            feeds.add(new Feed(
                    sources(plan.videos(), data, cache, folder), settings(data, data.batchSize(), config.seed())));
        }
        if (plan.hasImages()) {
            feeds.add(new Feed(
                    sources(plan.images(), data, cache, folder),
                    settings(data, ClipPlan.imageBatch(data), ~config.seed())));
        }
        PretrainConfig.Augment a = config.augment();
        RandomView view = new RandomView(
                recipe.encoder().imgHeight(),
                a.scale().get(0),
                a.scale().get(1),
                a.aspect().get(0),
                a.aspect().get(1),
                a.flip());
        return first -> open(feeds, view, first);
    }

    private static VideoBatches open(List<Feed> feeds, RandomView view, long first) {
        VideoBatches batches = new VideoBatches();
        try {
            feeds.forEach(feed -> batches.loaders.add(
                    new BatchLoader(feed.sources(), view, feed.settings().from(first), List.of())));
            return batches;
        } catch (RuntimeException | Error e) {
            batches.close();
            throw e;
        }
    }

    private static FrameCache cache(PretrainConfig.Data data, int crop, Path folder) throws IOException {
        FrameCache.Settings settings = FrameCache.Settings.forCrop(crop);
        String cached = data.cache();
        return cached == null
                ? FrameCache.none(settings.shortSide())
                : FrameCache.in(
                        folder.resolve(cached),
                        new FrameCache.Settings(settings.shortSide(), settings.quality(), MOST_CACHED));
    }

    private static BatchLoader.Settings settings(PretrainConfig.Data data, int batch, long seed) {
        Integer threads = data.threads();
        // Every source says its own frames.
        return BatchLoader.Settings.of(batch, 1, seed).reading(threads == null ? DEFAULT_THREADS : threads, AHEAD);
    }

    private static List<BatchLoader.Weighted> sources(
            List<ClipPlan.Source> sources, PretrainConfig.Data data, FrameCache cache, Path folder) throws IOException {
        List<BatchLoader.Weighted> all = new ArrayList<>();
        for (ClipPlan.Source source : sources) {
            VideoClips.Sampling sampling = VideoClips.Sampling.pretraining(source.frames(), step(source.set(), data));
            VideoClips clips = new VideoClips(videos(source.set(), folder), cache, sampling);
            all.add(new BatchLoader.Weighted(clips, source.weight(), source.frames()));
        }
        return all;
    }

    private static VideoSet videos(PretrainConfig.DataSet set, Path folder) throws IOException {
        VideoSet videos = new VideoSet(List.of());
        for (String path : orNone(set.videos())) {
            videos = videos.and(VideoSet.of(folder.resolve(path)));
        }
        for (String list : orNone(set.lists())) {
            videos = videos.and(VideoSet.list(folder.resolve(list)));
        }
        for (String path : orNone(set.pictures())) {
            videos = videos.and(VideoSet.pictures(folder.resolve(path)));
        }
        if (videos.videos().isEmpty()) {
            throw new IOException("data: want videos, lists or pictures, got none");
        }
        return videos;
    }

    private static List<String> orNone(@Nullable List<String> paths) {
        return paths == null ? List.of() : paths;
    }

    /** What the set says, else what the run says; frames per second win over a step of frames. */
    private static FrameStep step(PretrainConfig.DataSet set, PretrainConfig.Data data) {
        boolean own = set.fps() != null || set.frameStep() != null;
        Integer fps = own ? set.fps() : data.fps();
        Integer step = own ? set.frameStep() : data.frameStep();
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
        List<Clips> all = new ArrayList<>();
        for (BatchLoader loader : loaders) {
            all.addAll(loader.next().groups());
        }
        return all;
    }

    @Override
    public void close() {
        loaders.forEach(BatchLoader::close);
    }
}
