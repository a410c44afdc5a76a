package io.jepastream.trainer.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class StratifiedTest {
    private record Video(int number, int label) {}

    @Test
    void everyClassGivesItsShare_andKeepsOne() {
        for (int seed = 0; seed < 1000; seed++) {
            List<Video> set = set(seed);
            double share = new SplittableRandom(seed).nextDouble(0.01, 0.99);

            Stratified.Parts<Video> parts = Stratified.holdOut(set, Video::label, share, seed);

            List<Video> all = new ArrayList<>(parts.taken());
            all.addAll(parts.rest());
            assertThat(all).as("seed %d", seed).containsExactlyInAnyOrderElementsOf(set);
            assertThat(parts.taken()).isSubsetOf(set).isSortedAccordingTo((a, b) -> a.number() - b.number());
            for (int label = 0; label < 4; label++) {
                long own = count(set, label);
                long taken = count(parts.taken(), label);
                if (own == 1) {
                    assertThat(taken).isZero();
                } else if (own > 1) {
                    assertThat(taken).as("seed %d class %d", seed, label).isBetween(1L, own - 1);
                    assertThat(Math.abs(taken - share * own)).isLessThanOrEqualTo(1);
                }
            }
        }
    }

    @Test
    void subsets_haveOneOfEveryClass_andAllAtOne() {
        for (int seed = 0; seed < 1000; seed++) {
            List<Video> set = set(seed);

            List<Video> few = Stratified.subset(set, Video::label, 0.05, seed).taken();

            for (int label = 0; label < 4; label++) {
                long own = count(set, label);
                assertThat(count(few, label)).isEqualTo(own == 0 ? 0 : Math.max(1, Math.round(0.05 * own)));
            }
            assertThat(Stratified.subset(set, Video::label, 1, seed).taken()).isEqualTo(set);
        }
    }

    @Test
    void sameSeed_samePart_otherSeedAnother() {
        List<Video> set = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            set.add(new Video(i, i % 2));
        }
        List<Video> first = Stratified.holdOut(set, Video::label, 0.3, 1).taken();

        assertThat(Stratified.holdOut(set, Video::label, 0.3, 1).taken()).isEqualTo(first);
        assertThat(Stratified.holdOut(set, Video::label, 0.3, 2).taken()).isNotEqualTo(first);
    }

    @Test
    void aShareThatIsNone_isRefused() {
        assertThatThrownBy(() -> Stratified.holdOut(set(1), Video::label, 1, 1)).hasMessageContaining("val-share");
        assertThatThrownBy(() -> Stratified.subset(set(1), Video::label, 0, 1)).hasMessageContaining("label-fraction");
    }

    private static List<Video> set(int seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<Video> set = new ArrayList<>();
        int size = random.nextInt(1, 60);
        for (int i = 0; i < size; i++) {
            set.add(new Video(i, random.nextInt(4)));
        }
        return set;
    }

    private static long count(List<Video> videos, int label) {
        return videos.stream().filter(video -> video.label() == label).count();
    }
}
