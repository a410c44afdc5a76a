package io.jepastream.trainer.pretrain;

import io.jepastream.trainer.data.Clips;
import io.jepastream.trainer.mask.MaskPair;
import java.util.List;

/**
 * Clips of one length with their masks: what a device makes gradients of at a time.
 *
 * @param masks one pair per mask, for these clips
 * @param maskToken mask token of the first mask, as {@link PretrainStep#accumulate} takes it
 * @param share of the step; the shares of all parts of all devices make 1
 */
record Part(Clips clips, List<MaskPair> masks, int maskToken, double share) {
    Part {
        masks = List.copyOf(masks);
    }
}
