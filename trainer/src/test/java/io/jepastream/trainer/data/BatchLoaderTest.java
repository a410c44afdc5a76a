package io.jepastream.trainer.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.jepastream.ingest.media.Picture;
import io.jepastream.trainer.data.BatchLoader.Settings;
import io.jepastream.trainer.data.BatchLoader.Weighted;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class BatchLoaderTest {
    private static final Augmentation CROP = Augmentation.pretraining(4);

    private static BatchLoader loader(ClipSource source, Settings settings) {
        return new BatchLoader(List.of(new Weighted(source, 0)), CROP, settings, List.of());
    }

    private static List<Batch> batches(ClipSource source, Settings settings, int count) throws Exception {
        List<Batch> all = new ArrayList<>();
        try (BatchLoader loader = loader(source, settings)) {
            for (int i = 0; i < count; i++) {
                all.add(loader.next());
            }
        }
        return all;
    }

    @Test
    void batchOfAStep_dependsOnSeedAndStepAlone() throws Exception {
        ClipSource source = new Footage.Numbered(23, 5);
        List<Batch> one = batches(source, Settings.of(4, 2, 7).reading(1, 1), 20);
        List<Batch> many = batches(source, Settings.of(4, 2, 7).reading(5, 6), 20);
        List<Batch> later = batches(source, Settings.of(4, 2, 7).from(13), 7);
        for (int i = 0; i < 20; i++) {
            assertThat(many.get(i).step()).isEqualTo(i);
            assertThat(many.get(i).pixels()).isEqualTo(one.get(i).pixels());
            assertThat(many.get(i).names()).isEqualTo(one.get(i).names());
            assertThat(many.get(i).pixels()).hasSize(4 * 3 * 2 * 4 * 4);
        }
        for (int i = 0; i < 7; i++) {
            assertThat(later.get(i).step()).isEqualTo(13 + i);
            assertThat(later.get(i).pixels()).isEqualTo(one.get(13 + i).pixels());
        }
        assertThat(batches(source, Settings.of(4, 2, 8), 1).get(0).names())
                .isNotEqualTo(one.get(0).names());
    }

    @Test
    void everyClip_comesOnceInAnEpoch_inAnotherOrderEach() throws Exception {
        List<String> names = new ArrayList<>();
        for (Batch batch : batches(new Footage.Numbered(24, 0), Settings.of(5, 2, 1), 10)) {
            names.addAll(batch.names());
        }
        assertThat(Set.copyOf(names.subList(0, 24))).hasSize(24);
        assertThat(Set.copyOf(names.subList(24, 48))).hasSize(24);
        assertThat(names.subList(0, 24)).isNotEqualTo(names.subList(24, 48));
    }

    @Test
    void copies_areOneClip_variedAnew_andTheFirstIsTheClipItself() throws Exception {
        ClipSource source = new Footage.Numbered(6, 0) {
            @Override
            public List<Picture> frames(int index, RandomGenerator random) {
                byte[] planes = new byte[3 * 64];
                new java.util.SplittableRandom(random.nextLong()).nextBytes(planes);
                Picture picture = new Picture(8, 8, planes);
                return List.of(picture, picture);
            }
        };
        List<Batch> once = batches(source, Settings.of(3, 2, 7), 3);
        List<Batch> twice = batches(source, Settings.of(6, 2, 7).copied(2).reading(3, 2), 3);
        int length = 3 * 2 * 4 * 4;
        for (int step = 0; step < 3; step++) {
            for (int i = 0; i < 3; i++) {
                assertThat(twice.get(step).names().subList(2 * i, 2 * i + 2))
                        .containsOnly(once.get(step).names().get(i));
                byte[] first = clip(twice.get(step), 2 * i, length);
                assertThat(first).isEqualTo(clip(once.get(step), i, length));
                assertThat(clip(twice.get(step), 2 * i + 1, length)).isNotEqualTo(first);
            }
        }
        assertThatThrownBy(() -> Settings.of(3, 2, 7).copied(2)).hasMessageContaining("got 3 clips and 2 copies");
    }

    private static byte[] clip(Batch batch, int number, int length) {
        return java.util.Arrays.copyOfRange(batch.pixels(), number * length, (number + 1) * length);
    }

    @Test
    void withoutShuffling_clipsComeInTheirOrder() throws Exception {
        Settings settings = new Settings(3, 2, 1, 0, false, 2, 2);
        assertThat(batches(new Footage.Numbered(4, 0), settings, 2))
                .extracting(Batch::names)
                .containsExactly(List.of("clip 0", "clip 1", "clip 2"), List.of("clip 3", "clip 0", "clip 1"));
    }

    @Test
    void weights_areTheSharesOfTheSets() {
        SampleOrder order = new SampleOrder(List.of(10, 1000, 5), List.of(1.0, 2.0, 5.0), 3, true);
        int[] counts = new int[3];
        Set<SampleOrder.Pick> different = new HashSet<>();
        for (int i = 0; i < 40_000; i++) {
            counts[order.at(i).set()]++;
            different.add(order.at(i));
        }
        assertThat(counts[0] / 40_000.0).isCloseTo(0.125, within(0.01));
        assertThat(counts[1] / 40_000.0).isCloseTo(0.25, within(0.01));
        assertThat(counts[2] / 40_000.0).isCloseTo(0.625, within(0.01));
        assertThat(different).hasSizeGreaterThan(1000);
    }

    /** Clips of three frames of 8x8 whose every byte is 200 more than their number; some cannot be read. */
    private static ClipSource longer(int size, int unreadableEvery) {
        return new Footage.Numbered(size, unreadableEvery) {
            @Override
            public String name(int index) {
                return "longer " + super.name(index);
            }

            @Override
            public List<Picture> frames(int index, RandomGenerator random) throws IOException {
                Picture first = super.frames(index, random).get(0);
                Picture picture = new Picture(8, 8, first.planes().clone());
                java.util.Arrays.fill(picture.planes(), (byte) (200 + index));
                return List.of(picture, picture, picture);
            }
        };
    }

    private static List<Batch> mixed(int unreadableEvery, Settings settings, int count) throws Exception {
        List<Batch> all = new ArrayList<>();
        try (BatchLoader loader = new BatchLoader(
                List.of(
                        new Weighted(longer(30, unreadableEvery), 0.5, 3),
                        new Weighted(new Footage.Numbered(7, 0), 0.5)),
                CROP,
                settings,
                List.of())) {
            for (int i = 0; i < count; i++) {
                all.add(loader.next());
            }
        }
        return all;
    }

    @Test
    void clipsOfSeveralLengths_comeByLength_inTheOrderOfTheSources() throws Exception {
        List<Batch> one = mixed(0, Settings.of(3, 2, 7).reading(1, 1), 60);
        List<Batch> many = mixed(0, Settings.of(3, 2, 7).reading(4, 5), 60);
        Set<List<Integer>> compositions = new HashSet<>();
        for (int i = 0; i < 60; i++) {
            Batch batch = one.get(i);
            List<Clips> groups = batch.groups();
            compositions.add(groups.stream().map(Clips::frames).toList());
            for (int g = 0; g < groups.size(); g++) {
                boolean ofThree = groups.get(g).frames() == 3;
                List<String> names = batch.names().stream()
                        .filter(name -> name.startsWith("longer") == ofThree)
                        .toList();
                assertThat(groups.get(g).count()).isEqualTo(names.size());
                byte[] pixels = groups.get(g).pixels();
                for (int row = 0; row < names.size(); row++) {
                    int number = Integer.parseInt(names.get(row).replaceAll("\\D", ""));
                    // The last pixel: a clip's very first byte is noise.
                    byte last = pixels[(row + 1) * pixels.length / names.size() - 1];
                    assertThat(last).isEqualTo((byte) (ofThree ? 200 + number : number));
                }
                assertThat(many.get(i).groups().get(g).pixels()).isEqualTo(pixels);
            }
        }
        assertThat(compositions).containsExactlyInAnyOrder(List.of(3, 2), List.of(3), List.of(2));
        Batch both =
                one.stream().filter(b -> b.groups().size() == 2).findFirst().orElseThrow();
        assertThatThrownBy(both::pixels).hasMessageContaining("want clips of one length, got 2");
    }

    @Test
    void unreadableClip_isReplacedByOneOfItsSource_soLengthsStay() throws Exception {
        List<Batch> whole = mixed(0, Settings.of(6, 2, 7), 15);
        List<Batch> holed = mixed(3, Settings.of(6, 2, 7), 15);
        for (int i = 0; i < 15; i++) {
            assertThat(holed.get(i).groups().stream().map(Clips::count).toList())
                    .isEqualTo(whole.get(i).groups().stream().map(Clips::count).toList());
            assertThat(holed.get(i).names())
                    .noneMatch(
                            name -> name.startsWith("longer") && Integer.parseInt(name.replaceAll("\\D", "")) % 3 == 0);
        }
    }

    @Test
    void labels_areNumbersOfTheirClasses() throws Exception {
        try (BatchLoader loader = new BatchLoader(
                List.of(new Weighted(new Footage.Numbered(6, 0), 0)),
                Augmentation.evaluation(7),
                new Settings(6, 2, 1, 0, false, 1, 1),
                List.of("buzz", "fizz"))) {
            Batch batch = loader.next();
            assertThat(batch.labels()).containsExactly(1, 0, -1, 1, 0, -1);
            assertThat(batch.pixels()[3 * 2 * 49 * 4 + 7]).isEqualTo((byte) 4);
            assertThat(loader.epochClips()).isEqualTo(6);
        }
    }

    @Test
    void labelsMayBeNumbers_asInTheReferencesLists() throws Exception {
        ClipSource numbered = new Footage.Numbered(3, 0) {
            @Override
            public Optional<String> label(int index) {
                return Optional.of(Integer.toString(2 - index));
            }
        };
        Settings settings = new Settings(3, 2, 1, 0, false, 1, 1);
        try (BatchLoader loader =
                new BatchLoader(List.of(new Weighted(numbered, 0)), CROP, settings, List.of("a", "b", "c"))) {
            assertThat(loader.next().labels()).containsExactly(2, 1, 0);
        }
        assertThatThrownBy(() -> new BatchLoader(List.of(new Weighted(numbered, 0)), CROP, settings, List.of("a", "b")))
                .hasMessageContaining("label of clip 0: want one of the 2 classes or its number, got '2'");
    }

    @Test
    void unreadableClips_areReplacedAndCounted() throws Exception {
        try (BatchLoader loader = loader(new Footage.Numbered(30, 3), Settings.of(10, 2, 5))) {
            for (int i = 0; i < 30; i++) {
                assertThat(loader.next().names()).noneMatch(name -> Integer.parseInt(name.substring(5)) % 3 == 0);
            }
            assertThat(loader.failures()).isGreaterThanOrEqualTo(100);
        }
    }

    @Test
    void hardlyAnythingReadable_isAnError_thatNamesAFile() {
        try (BatchLoader loader = loader(new Footage.Numbered(30, 1), Settings.of(10, 2, 5))) {
            assertThatThrownBy(loader::next)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("want most clips to be readable")
                    .hasMessageContaining("got noise");
        }
    }

    @Test
    void anErrorInAWorker_reachesTheCaller() {
        ClipSource broken = new Footage.Numbered(5, 0) {
            @Override
            public List<Picture> frames(int index, RandomGenerator random) {
                throw new LinkageError("no such library");
            }
        };
        try (BatchLoader loader = loader(broken, Settings.of(2, 2, 5))) {
            assertThatThrownBy(loader::next).isInstanceOf(LinkageError.class).hasMessage("no such library");
        }
        try (BatchLoader loader = loader(new Footage.Numbered(5, 0), Settings.of(2, 3, 5))) {
            assertThatThrownBy(loader::next)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("want 3 frames, got 2");
        }
    }

    @Test
    void close_endsThreads_andWhoeverWaits() throws Exception {
        CountDownLatch reading = new CountDownLatch(1);
        List<Thread> readers = java.util.Collections.synchronizedList(new ArrayList<>());
        ClipSource endless = new Footage.Numbered(5, 0) {
            @Override
            public List<Picture> frames(int index, RandomGenerator random) throws IOException {
                readers.add(Thread.currentThread());
                reading.countDown();
                try {
                    new CountDownLatch(1).await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                throw new IOException("interrupted");
            }
        };
        BatchLoader loader = loader(endless, Settings.of(4, 2, 1));
        List<Throwable> seen = new ArrayList<>();
        Thread waiting = new Thread(() -> {
            try {
                loader.next();
            } catch (IllegalStateException | IOException | InterruptedException e) {
                seen.add(e);
            }
        });
        waiting.start();
        reading.await();
        loader.close();
        waiting.join();
        assertThat(seen).singleElement().isInstanceOf(IllegalStateException.class);
        for (Thread reader : List.copyOf(readers)) {
            reader.join();
        }
        loader.close();
        assertThatThrownBy(loader::next).hasMessageContaining("got a closed one");
    }

    @Test
    void whatCannotBe_isSaid() {
        ClipSource source = new Footage.Numbered(4, 0);
        Settings settings = Settings.of(2, 2, 1);
        assertThatThrownBy(() -> new BatchLoader(List.of(), CROP, settings, List.of()))
                .hasMessageContaining("want clips in every source");
        assertThatThrownBy(() -> new BatchLoader(List.of(new Weighted(source, 0)), CROP, settings, List.of("fizz")))
                .hasMessageContaining("label of clip 1: want one of the 1 classes or its number, got 'buzz'");
        assertThatThrownBy(() -> new BatchLoader(
                        List.of(new Weighted(source, 0), new Weighted(source, 1)), CROP, settings, List.of()))
                .hasMessageContaining("want one above 0 for every data set or for none, got 1 of 2");
        assertThatThrownBy(() -> new BatchLoader(List.of(), CROP, settings, List.of("a", "a")))
                .hasMessageContaining("each name once");
        assertThatThrownBy(() -> Settings.of(0, 2, 1)).hasMessageContaining("got 0");
        assertThatThrownBy(() -> new Weighted(source, -1)).hasMessageContaining("got -1");
    }
}
