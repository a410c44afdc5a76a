package io.jepastream.trainer.mask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class MultiBlockMasksTest {
    private static final TokenGrid GRID = new TokenGrid(8, 14, 14); // 16 frames of 224 x 224

    /** The example of the specification: global seed 42 before each of the two, first step, batch of 2. */
    @Test
    void firstStep_isTheReferencesToTheToken() {
        MaskPair near = new MultiBlockMasks(BlockMask.shortRange(), GRID).next(2, new TorchRandom(42));
        assertThat(near.contextSize()).isEqualTo(512);
        assertThat(near.targetSize()).isEqualTo(968);
        assertThat(near.context(0)).startsWith(11, 12, 13, 25, 26, 27, 39, 40).endsWith(1356, 1357, 1358);
        MaskPair far = new MultiBlockMasks(BlockMask.longRange(), GRID).next(2, new TorchRandom(42));
        assertThat(far.contextSize()).isEqualTo(320);
        assertThat(far.targetSize()).isEqualTo(1232);
        assertThat(far.context(0)).startsWith(0, 1, 2, 3, 4, 5, 6, 7).endsWith(1395, 1396, 1397);
        assertThat(far.context(1)).startsWith(13, 27, 41, 55).endsWith(1565, 1566, 1567);
        assertThat(far.target(0)).startsWith(28).endsWith(1551, 1552, 1553);
    }

    @Test
    void contextAndTarget_neverShareAToken_whateverTheConfiguration() {
        SplittableRandom random = new SplittableRandom(8);
        for (int round = 0; round < 300; round++) {
            TokenGrid grid = new TokenGrid(1 + random.nextInt(8), 3 + random.nextInt(12), 3 + random.nextInt(12));
            double keep = random.nextBoolean() ? 1 : 0.25 + 0.5 * random.nextDouble();
            BlockMask config = BlockMask.of(1 + random.nextInt(4), 0.1 + 0.3 * random.nextDouble(), keep);
            MaskPair pair = new MultiBlockMasks(config, grid).next(1 + random.nextInt(4), new TorchRandom(round));
            int slices = Math.max(1, (int) (grid.time() * keep));
            for (int i = 0; i < pair.batch(); i++) {
                int[] context = pair.context(i);
                int[] target = pair.target(i);
                assertThat(context).hasSize(pair.contextSize()).isSorted().doesNotHaveDuplicates();
                assertThat(target).hasSize(pair.targetSize()).isSorted().doesNotHaveDuplicates();
                assertThat(Arrays.stream(context).anyMatch(id -> Arrays.binarySearch(target, id) >= 0))
                        .isFalse();
                assertThat(context[context.length - 1]).isLessThan(slices * grid.height() * grid.width());
            }
        }
    }

    @Test
    void restoredRun_goesOnWhereItWas() {
        MultiBlockMasks masks = new MultiBlockMasks(BlockMask.shortRange(), GRID);
        TorchRandom random = new TorchRandom(5);
        masks.next(2, random);
        masks.next(2, random);
        TorchRandom restored = TorchRandom.restore(random.snapshot());
        MultiBlockMasks again = new MultiBlockMasks(BlockMask.shortRange(), GRID);
        again.skip(2);
        assertThat(again.next(2, restored).contextIds())
                .isEqualTo(masks.next(2, random).contextIds());
    }

    @Test
    void blocksThatHideNothing_areAnError() {
        MultiBlockMasks masks = new MultiBlockMasks(BlockMask.of(10, 0.15, 1), new TokenGrid(1, 2, 2));
        assertThatThrownBy(() -> masks.next(1, new TorchRandom(0)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("want blocks of one token or more, got Block[time=1, height=0, width=0]");
    }

    @Test
    void blocksThatHideEverything_areAnError() {
        MultiBlockMasks masks = new MultiBlockMasks(BlockMask.of(1, 1, 1), new TokenGrid(1, 1, 1));
        assertThatThrownBy(() -> masks.next(1, new TorchRandom(0)))
                .hasMessageContaining("want blocks that leave some context");
        assertThatThrownBy(() -> BlockMask.of(0, 1, 1)).hasMessage("mask: num_blocks: want 1 or more, got 0");
        assertThatThrownBy(() -> new RandomTubeMasks(1, GRID)).hasMessageContaining("got 1.0");
    }
}
