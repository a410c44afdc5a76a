package io.jepastream.encoder.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class MicroBatcherTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    private final ConcurrentLinkedQueue<Integer> batchSizes = new ConcurrentLinkedQueue<>();
    private final ExecutorService callers = Executors.newCachedThreadPool();

    @AfterEach
    void stop() {
        callers.shutdownNow();
    }

    @Test
    void manyCallers_getTheirOwnResults_inBatchesThatAreNeverTooLarge() throws Exception {
        try (MicroBatcher<Integer, Integer> batcher = new MicroBatcher<>(this::doubled, 4, Duration.ofMillis(2))) {
            List<CompletableFuture<Integer>> results = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                results.add(call(batcher, i));
            }
            for (int i = 0; i < 100; i++) {
                assertThat(results.get(i).get()).isEqualTo(2 * i);
            }
        }
        assertThat(batchSizes).allMatch(size -> size <= 4);
        assertThat(batchSizes.stream().mapToInt(size -> size).sum()).isEqualTo(100);
    }

    @Test
    void fullBatch_doesNotWait() throws Exception {
        try (MicroBatcher<Integer, Integer> batcher = new MicroBatcher<>(this::doubled, 2, Duration.ofHours(1))) {
            CompletableFuture<Integer> first = call(batcher, 1);
            CompletableFuture<Integer> second = call(batcher, 2);
            assertThat(first.get()).isEqualTo(2);
            assertThat(second.get()).isEqualTo(4);
        }
        assertThat(batchSizes).containsExactly(2);
    }

    @Test
    void oneBadItem_failsAlone() throws Exception {
        try (MicroBatcher<Integer, Integer> batcher = new MicroBatcher<>(this::doubled, 3, Duration.ofHours(1))) {
            CompletableFuture<Integer> good = call(batcher, 1);
            CompletableFuture<Integer> bad = call(batcher, -1);
            CompletableFuture<Integer> alsoGood = call(batcher, 3);
            assertThat(good.get()).isEqualTo(2);
            assertThat(alsoGood.get()).isEqualTo(6);
            assertThatThrownBy(bad::get).hasRootCauseMessage("negative");
        }
    }

    @Test
    @Timeout(30)
    void slowFunction_isNotWaitedForBeyondTheTimeout() {
        CountDownLatch release = new CountDownLatch(1);
        try (MicroBatcher<Integer, Integer> batcher = new MicroBatcher<>(
                items -> {
                    awaitUninterruptibly(release);
                    return items;
                },
                1,
                Duration.ZERO)) {
            assertThatThrownBy(() -> batcher.call(1, Duration.ofMillis(20))).isInstanceOf(TimeoutException.class);
            release.countDown();
        }
    }

    @Test
    void closedBatcher_takesNothing() {
        MicroBatcher<Integer, Integer> batcher = new MicroBatcher<>(this::doubled, 1, Duration.ZERO);
        batcher.close();
        assertThatThrownBy(() -> batcher.call(1, LONG)).isInstanceOf(IllegalStateException.class);
    }

    private List<Integer> doubled(List<Integer> items) {
        if (items.contains(-1)) {
            throw new IllegalArgumentException("negative");
        }
        batchSizes.add(items.size());
        return items.stream().map(item -> 2 * item).toList();
    }

    private CompletableFuture<Integer> call(MicroBatcher<Integer, Integer> batcher, int item) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return batcher.call(item, LONG);
                    } catch (ExecutionException e) {
                        throw new IllegalStateException(e.getCause());
                    } catch (TimeoutException | InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                },
                callers);
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
