package io.jepastream.trainer.pretrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.jepastream.trainer.data.Clips;
import io.jepastream.trainer.mask.MaskPair;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ClipPlanTest {
    private static Recipe recipe(String family, String data) throws IOException {
        return new Recipe(PretrainConfig.parse("test", """
                recipe: %s
                model: {size: vit_base, img_size: 64, patch_size: 16, num_frames: 16}
                data: %s
                """.formatted(family, data)));
    }

    private static Clips clips(int count, int frames) {
        return new Clips(count, frames, new byte[count * 3 * frames]);
    }

    private static List<Part> parts(DeviceMasks masks, Clips... clips) {
        return masks.next(List.of(clips), 0.5);
    }

    private static void requireWithin(List<MaskPair> masks, int tokens) {
        for (MaskPair mask : masks) {
            assertThat(Arrays.stream(mask.targetIds()).max().orElseThrow()).isLessThan(tokens);
        }
    }

    @Test
    void lengthsOfABatch_countTheSame_andKeepTheirMaskTokens() throws IOException {
        Recipe recipe = recipe(
                "vjepa2",
                "{sets: [{videos: [a], weight: 7}, {lists: [b], frames: 8, weight: 2}, {pictures: [c], weight: 1}]}");
        assertThat(recipe.clips().lengths()).containsExactly(16, 8);
        assertThat(recipe.clips().imageShare()).isZero();
        assertThat(recipe.clips().videos()).extracting(ClipPlan.Source::frames).containsExactly(16, 8, 16);
        DeviceMasks masks = new DeviceMasks(recipe, DeviceMasks.random(1, 0));
        List<Part> both = parts(masks, clips(3, 16), clips(1, 8));
        assertThat(both).extracting(Part::share).containsExactly(0.25, 0.25);
        assertThat(both).extracting(Part::maskToken).containsExactly(0, 1);
        assertThat(both.get(0).masks()).hasSize(2).allMatch(mask -> mask.batch() == 3);
        requireWithin(both.get(0).masks(), 8 * 16);
        requireWithin(both.get(1).masks(), 4 * 16);
        Part alone = parts(masks, clips(4, 8)).get(0);
        assertThat(alone.share()).isEqualTo(0.5);
        assertThat(alone.maskToken()).isEqualTo(1);
        assertThatThrownBy(() -> parts(masks, clips(1, 4))).hasMessageContaining("want each length of [16, 8] once");
    }

    /** Where the mask sources stand after a restart is told by the number of batches alone. */
    @Test
    void lengthThatABatchLacks_countsItAllTheSame() throws IOException {
        Recipe recipe = recipe("vjepa2", "{sets: [{videos: [a]}, {lists: [b], frames: 8}]}");
        DeviceMasks whole = new DeviceMasks(recipe, DeviceMasks.random(1, 0));
        parts(whole, clips(2, 16));
        parts(whole, clips(1, 16), clips(1, 8));
        parts(whole, clips(2, 8));
        DeviceMasks resumed = new DeviceMasks(recipe, whole.random());
        resumed.skip(3);
        MaskPair next = parts(resumed, clips(1, 8)).get(0).masks().get(0);
        DeviceMasks fresh = new DeviceMasks(recipe, DeviceMasks.random(1, 0));
        parts(fresh, clips(2, 16));
        parts(fresh, clips(1, 16), clips(1, 8));
        parts(fresh, clips(2, 8));
        MaskPair wanted = parts(fresh, clips(1, 8)).get(0).masks().get(0);
        assertThat(next.contextIds()).isEqualTo(wanted.contextIds());
    }

    @Test
    void picturesOfTheThirdGeneration_areABatchBesideTheVideos_andTheirWeightIsTheirPart() throws IOException {
        Recipe recipe = recipe(
                "vjepa2.1",
                "{sets: [{videos: [a], weight: 0.7}, {lists: [b], frames: 8, weight: 0.2}, {pictures: [c], weight: 0.1}]}");
        assertThat(recipe.clips().lengths()).containsExactly(16, 8);
        assertThat(recipe.clips().images()).extracting(ClipPlan.Source::frames).containsExactly(1);
        DeviceMasks masks = new DeviceMasks(recipe, DeviceMasks.random(1, 0));
        List<Part> parts = parts(masks, clips(3, 16), clips(1, 8), clips(6, 1));
        assertThat(parts.get(0).share()).isCloseTo(0.225, within(1e-12));
        assertThat(parts.get(1).share()).isCloseTo(0.225, within(1e-12));
        assertThat(parts.get(2).share()).isCloseTo(0.05, within(1e-12));
        assertThat(parts.get(2).maskToken()).isZero();
        assertThat(parts.get(2).masks()).hasSize(1);
        requireWithin(parts.get(2).masks(), 16);
        Recipe alone = recipe("vjepa2.1", "{pictures: [c]}");
        assertThat(alone.clips().imageShare()).isEqualTo(1);
        DeviceMasks still = new DeviceMasks(alone, DeviceMasks.random(1, 0));
        assertThat(parts(still, clips(2, 1))).extracting(Part::share).containsExactly(0.5);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "vjepa2   | {videos: [a], sets: [{videos: [b]}]}                            | want sets, or videos, lists and pictures, got both",
                "vjepa2   | {sets: []}                                                      | sets: want at least one",
                "vjepa2   | {sets: [{frames: 8}]}                                           | want videos, lists or pictures in each",
                "vjepa2   | {sets: [{videos: [a], weight: 1}, {videos: [b]}]}               | want a weight above 0 for all or for none, got 1 of 2",
                "vjepa2   | {sets: [{videos: [a], weight: -1}]}                             | weight: want a number above 0, got -1",
                "vjepa2   | {sets: [{videos: [a], frames: 7}]}                              | want a multiple of tubelet_size 2 up to num_frames 16, got 7",
                "vjepa2   | {sets: [{videos: [a], frames: 32}]}                             | want a multiple of tubelet_size 2 up to num_frames 16, got 32",
                "vjepa2   | {sets: [{pictures: [a], frames: 1}]}                            | got 1; a picture as one frame is for vjepa2.1",
                "vjepa1   | {sets: [{videos: [a], frames: 8}]}                              | want num_frames 16, which the position table of vjepa1 is for, got 8",
                "vjepa2.1 | {sets: [{pictures: [a], frames: 16}]}                           | pictures: want frames 1 for vjepa2.1, which takes a picture as it is, got 16",
                "vjepa2.1 | {videos: [a], pictures: [b]}                                    | want pictures in a set of their own for vjepa2.1",
                "vjepa2.1 | {sets: [{videos: [a]}, {pictures: [b]}]}                        | want weights where pictures come beside videos",
                "vjepa2.1 | {pictures: [a], image_batch_size: 0}                            | image_batch_size: want 1 or more, got 0",
            })
    void whatCannotBe_isSaid(String family, String data, String message) {
        assertThatThrownBy(() -> recipe(family, data)).hasMessageContaining(message);
    }

    @Test
    void imagesWantMasksOfTheirOwn() {
        assertThatThrownBy(() -> new Recipe(
                        PretrainConfig.parse("x", "{recipe: vjepa2.1, image_mask: [], data: {pictures: [a]}}")))
                .hasMessageContaining("image_mask: want at least one for pictures of one frame, got none");
    }
}
