package io.jepastream.encoder.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jepastream.encoder.ClipResult;
import io.jepastream.encoder.PixelClip;
import io.jepastream.ingest.media.Picture;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** A model that is slow is waited for; one that never answers is given up. */
class BatchedRunnerTest {
    private static final PixelClip CLIP = PixelClip.of(Collections.nCopies(2, new byte[3 * 16 * 16]), 16);
    private static final Duration LIMIT = Duration.ofMinutes(3);
    private static final Duration SOON = Duration.ofMillis(20);

    private final AtomicLong now = new AtomicLong();
    private final ModelWatch watch = new ModelWatch(now::get, Duration.ofMinutes(1));
    private final CountDownLatch release = new CountDownLatch(1);
    private final CountDownLatch called = new CountDownLatch(1);
    private final AtomicInteger calls = new AtomicInteger();

    private void pass(Duration time) {
        now.addAndGet(time.toNanos());
    }

    private Duration silence() {
        return watch.silence().orElse(Duration.ZERO);
    }

    @Test
    void modelThatDoesNotAnswer_isStuck_andIsLeftBehindAtTheEnd() throws Exception {
        BatchedRunner.Limits limits = new BatchedRunner.Limits(Duration.ofHours(1), Duration.ofHours(1));
        BatchedRunner runner = runner(limits);
        Thread caller = new Thread(() -> assertThatThrownBy(() -> runner.run(CLIP)));
        caller.start();
        called.await();
        pass(Duration.ofMinutes(59));
        assertThat(runner.stuck()).isEmpty();
        pass(Duration.ofMinutes(1));
        assertThat(runner.stuck()).get().asString().contains("the model is stuck: want an answer within 3600 s");
        runner.close(); // does not wait for the model
        caller.join();
    }

    /** Line of three: the first call hangs; what was given up meanwhile is never run. */
    @Test
    void clipThatNobodyWaitsFor_isNotRun() throws Exception {
        try (BatchedRunner runner = runner(new BatchedRunner.Limits(SOON, LIMIT))) {
            assertThatThrownBy(() -> runner.run(CLIP)).isInstanceOf(SlowModelException.class);
            called.await();
            assertThatThrownBy(() -> runner.run(CLIP)).isInstanceOf(SlowModelException.class);
            release.countDown();
        }
        assertThat(calls).hasValue(1);
    }

    @Test
    void silence_goesOnOverCallersThatComeBack_andEndsWithAnAnswer() {
        assertThat(watch.silence()).isEmpty();
        watch.waits();
        pass(Duration.ofSeconds(50));
        watch.gaveUp();
        assertThat(watch.silence()).isEmpty();
        pass(Duration.ofSeconds(3));
        watch.waits();
        pass(Duration.ofSeconds(7));
        assertThat(silence()).isEqualTo(Duration.ofSeconds(60));
        watch.answered();
        assertThat(watch.silence()).isEmpty();
        pass(Duration.ofHours(1));
        watch.waits();
        assertThat(silence()).isZero();
    }

    @Test
    void silence_isThatOfAllCallers_andAnIdleStageIsNotSilent() {
        watch.waits();
        pass(Duration.ofSeconds(10));
        watch.waits();
        pass(Duration.ofSeconds(10));
        watch.answered();
        pass(Duration.ofSeconds(5));
        assertThat(silence()).isEqualTo(Duration.ofSeconds(5));
        watch.gaveUp();
        pass(Duration.ofHours(1)); // its partitions have gone to another worker
        watch.waits();
        assertThat(silence()).isZero();
    }

    @Test
    void aCaller_doesNotWaitLongerThanTheModelMayBeSilent() {
        assertThat(new BatchedRunner.Limits(Duration.ofSeconds(50), Duration.ofSeconds(9)).clip())
                .isEqualTo(Duration.ofSeconds(9));
    }

    private BatchedRunner runner(BatchedRunner.Limits limits) {
        ClipModel model = new ClipModel() {
            @Override
            public ModelIdentity identity() {
                return new ModelIdentity("stuck", "digest", "none/1", "fp32", "mean");
            }

            @Override
            public boolean takes(int frames) {
                return true;
            }

            @Override
            public PixelClip prepare(List<Picture> pictures) {
                return CLIP;
            }

            @Override
            public List<ClipResult> infer(List<PixelClip> clips) {
                calls.incrementAndGet();
                called.countDown();
                try {
                    release.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException("interrupted", e);
                }
                return List.of(new ClipResult(new float[1], 1, 1, Map.of()));
            }
        };
        return new BatchedRunner(model, 1, Duration.ZERO, limits, now::get);
    }
}
