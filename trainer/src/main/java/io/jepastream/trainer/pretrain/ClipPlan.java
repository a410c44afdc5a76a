package io.jepastream.trainer.pretrain;

import io.jepastream.encoder.EncoderConfig;
import io.jepastream.encoder.Family;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which clips a step has, and what part of it each length is: the data sets of a run, checked against its encoder.
 *
 * <p>Clips are drawn by the sets' weights and batched by length; every length that a batch has counts the same, however many
 * its clips are, as in V-JEPA 2. V-JEPA 2.1 takes pictures as clips of one frame, which the reference trains on processes
 * of their own beside those of the videos and averages the gradients: here they are a batch of their own beside each batch
 * of videos, and their weight is their part of the step. Before it a picture is repeated to a clip.
 *
 * @param videos sets of all other clips
 * @param images sets of clips of one frame
 * @param imageShare of a step, 0 without images, 1 without videos
 */
record ClipPlan(List<Source> videos, List<Source> images, double imageShare) {
    /**
     * A data set.
     *
     * @param frames of its clips
     * @param weight 0 where none has one
     */
    record Source(PretrainConfig.DataSet set, int frames, double weight) {}

    static ClipPlan of(PretrainConfig.Data data, EncoderConfig encoder) {
        boolean dense = encoder.family() == Family.VJEPA21;
        List<Source> videos = new ArrayList<>();
        List<Source> images = new ArrayList<>();
        for (PretrainConfig.DataSet set : sets(data)) {
            Source source = source(set, encoder);
            (dense && source.frames() == 1 ? images : videos).add(source);
        }
        List<Source> all = Stream.concat(videos.stream(), images.stream()).toList();
        long weighted = all.stream().filter(source -> source.weight() > 0).count();
        require(
                weighted == 0 || weighted == all.size(),
                "data: sets: want a weight above 0 for all or for none, got %d of %d",
                weighted,
                all.size());
        boolean both = !images.isEmpty() && !videos.isEmpty();
        require(!both || weighted > 0, "data: sets: want weights where pictures come beside videos, got none");
        double share = images.isEmpty() ? 0 : both ? weight(images) / weight(all) : 1;
        return new ClipPlan(List.copyOf(videos), List.copyOf(images), share);
    }

    private static double weight(List<Source> sources) {
        return sources.stream().mapToDouble(Source::weight).sum();
    }

    private static List<PretrainConfig.DataSet> sets(PretrainConfig.Data data) {
        List<PretrainConfig.DataSet> sets = data.sets();
        boolean plain = has(data.videos()) || has(data.lists()) || has(data.pictures());
        if (sets == null) {
            return List.of(
                    new PretrainConfig.DataSet(data.videos(), data.lists(), data.pictures(), null, null, null, null));
        }
        require(!plain, "data: want sets, or videos, lists and pictures, got both");
        require(!sets.isEmpty(), "data: sets: want at least one, got none");
        for (PretrainConfig.DataSet set : sets) {
            require(
                    has(set.videos()) || has(set.lists()) || has(set.pictures()),
                    "data: sets: want videos, lists or pictures in each, got %s",
                    set);
        }
        return sets;
    }

    private static boolean has(@Nullable List<String> paths) {
        return paths != null && !paths.isEmpty();
    }

    private static Source source(PretrainConfig.DataSet set, EncoderConfig encoder) {
        boolean dense = encoder.family() == Family.VJEPA21;
        boolean pictures = has(set.pictures());
        require(
                !dense || !pictures || !(has(set.videos()) || has(set.lists())),
                "data: want pictures in a set of their own for %s, got %s",
                encoder.family().id(),
                set);
        Integer wanted = set.frames();
        int frames = wanted != null ? wanted : dense && pictures ? 1 : encoder.numFrames();
        require(
                !dense || !pictures || frames == 1,
                "data: pictures: want frames 1 for %s, which takes a picture as it is, got %d",
                encoder.family().id(),
                frames);
        requireFits(frames, encoder);
        Double given = set.weight();
        double weight = given == null ? 0 : given;
        require(
                given == null || (weight > 0 && weight < Double.POSITIVE_INFINITY),
                "data: sets: weight: want a number above 0, got %s",
                weight);
        return new Source(set, frames, weight);
    }

    private static void requireFits(int frames, EncoderConfig encoder) {
        boolean image = encoder.family() == Family.VJEPA21 && frames == 1;
        boolean same = frames == encoder.numFrames();
        require(
                same || image || encoder.useRope(),
                "data: frames: want num_frames %d, which the position table of %s is for, got %d",
                encoder.numFrames(),
                encoder.family().id(),
                frames);
        require(
                same || image || (frames > 0 && frames < encoder.numFrames() && frames % encoder.tubeletSize() == 0),
                "data: frames: want a multiple of tubelet_size %d up to num_frames %d, got %d; a picture as one frame is"
                        + " for vjepa2.1, else leave frames out and it is repeated",
                encoder.tubeletSize(),
                encoder.numFrames(),
                frames);
    }

    private static void require(boolean good, String message, Object... values) {
        if (!good) {
            throw new IllegalArgumentException(String.format(Locale.ROOT, message, values));
        }
    }

    /** Lengths of clips that are no images, in the order of the sets: each has a mask token of its own. */
    List<Integer> lengths() {
        return videos.stream().map(Source::frames).distinct().toList();
    }

    /** Clips and images of one forward pass. */
    int batch(PretrainConfig.Data data) {
        return (videos.isEmpty() ? 0 : data.batchSize()) + (hasImages() ? imageBatch(data) : 0);
    }

    /** Images of one forward pass, where there are some. */
    static int imageBatch(PretrainConfig.Data data) {
        Integer images = data.imageBatchSize();
        return images == null ? data.batchSize() : images;
    }

    /** Whether there are images, which come with every batch. */
    boolean hasImages() {
        return !images.isEmpty();
    }

    /** Whether clips of this length are images. */
    boolean isImage(int frames) {
        return hasImages() && frames == 1;
    }
}
