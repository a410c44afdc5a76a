package io.jepastream.trainer.pretrain;

import io.jepastream.trainer.data.Clips;
import io.jepastream.trainer.mask.MaskPair;
import io.jepastream.trainer.mask.Masks;
import io.jepastream.trainer.mask.TorchRandom;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The masks of one device's clips, and what part of a step each length is. Each device has sources and random numbers of its
 * own, as each process of the reference has: blocks are of the same size on all devices, which count the same steps, and
 * lie elsewhere on each. Not thread-safe.
 *
 * <p>Each length has sources of its own. They count batches, also those without a clip of the length, so that where they
 * stand after a restart does not depend on what was drawn.
 */
final class DeviceMasks {
    private final ClipPlan plan;
    private final Map<Integer, List<Masks>> sources = new LinkedHashMap<>();
    private final TorchRandom random;

    DeviceMasks(Recipe recipe, TorchRandom random) {
        this.plan = recipe.clips();
        this.random = random;
        plan.lengths().forEach(length -> sources.put(length, recipe.masks(length)));
        plan.images().forEach(image -> sources.putIfAbsent(image.frames(), recipe.masks(image.frames())));
    }

    /** Numbers for the device of this rank, from 0, at the start of a run. */
    static TorchRandom random(long seed, int rank) {
        return new TorchRandom(seed + rank);
    }

    /**
     * Draws the masks of a device's next batch.
     *
     * @param share of the step that the batch has
     */
    List<Part> next(List<Clips> batch, double share) {
        Map<Integer, Clips> byLength = new LinkedHashMap<>();
        batch.forEach(clips -> byLength.put(clips.frames(), clips));
        if (byLength.size() != batch.size() || !sources.keySet().containsAll(byLength.keySet())) {
            throw new IllegalArgumentException("batch: want each length of %s once at most, got %s"
                    .formatted(
                            sources.keySet(), batch.stream().map(Clips::frames).toList()));
        }
        long videos = byLength.keySet().stream()
                .filter(length -> !plan.isImage(length))
                .count();
        List<Part> parts = new ArrayList<>();
        sources.forEach((length, own) -> {
            Clips clips = byLength.get(length);
            if (clips == null) {
                own.forEach(source -> source.skip(1));
                return;
            }
            List<MaskPair> pairs = own.stream()
                    .map(source -> source.next(clips.count(), random))
                    .toList();
            boolean image = plan.isImage(length);
            // Images are alone on their processes in the reference, so they take the first mask token too.
            int token = image ? 0 : plan.lengths().indexOf(length);
            double part = image ? plan.imageShare() : (1 - plan.imageShare()) / videos;
            parts.add(new Part(clips, pairs, token, share * part));
        });
        return parts;
    }

    /** Passes over batches that were done before a restart. */
    void skip(long batches) {
        sources.values().forEach(own -> own.forEach(source -> source.skip(batches)));
    }

    /** Where the random numbers stand. */
    TorchRandom random() {
        return random;
    }
}
