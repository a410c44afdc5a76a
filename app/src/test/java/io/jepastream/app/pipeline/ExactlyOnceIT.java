package io.jepastream.app.pipeline;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.jepastream.app.kafka.GroupLag;
import io.jepastream.app.kafka.Site;
import io.jepastream.app.kafka.StreamsStage;
import io.jepastream.encoder.ClipResult;
import io.jepastream.encoder.PixelClip;
import io.jepastream.encoder.stream.BatchedRunner;
import io.jepastream.encoder.stream.ClipModel;
import io.jepastream.encoder.stream.EncodeTopology;
import io.jepastream.encoder.stream.ModelIdentity;
import io.jepastream.ingest.media.Picture;
import io.jepastream.ingest.wire.Clip;
import io.jepastream.ingest.wire.ClipFrame;
import io.jepastream.ingest.wire.ImageEncoding;
import io.jepastream.ingest.wire.Topics;
import io.jepastream.ingest.wire.Wire;
import io.jepastream.ingest.wire.WriterSchemas;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The ends of a worker that a transaction is there for, each at the worst moment: records are written, and not committed. */
@Timeout(120)
class ExactlyOnceIT {
    private static final int CLIPS = 6;
    private static final int WRITTEN = 4;
    private static final Duration LONGEST = Duration.ofMinutes(1);
    private static final TopicPartition EMBEDDINGS = new TopicPartition(Topics.EMBEDDINGS, 0);
    private static final Map<String, String> LONG_TRANSACTIONS = Map.of("commit.interval.ms", "50000");

    @TempDir
    Path directory;

    @Test
    void workerThatDiesWithinATransaction_leavesNothing() throws Exception {
        try (TestSite kafka = TestSite.start(directory, 1)) {
            writeClips(kafka.site());
            CountDownLatch reached = new CountDownLatch(1);
            CountDownLatch go = new CountDownLatch(1);
            CountingModel dying = new CountingModel(call -> {
                if (call == WRITTEN) {
                    reached.countDown();
                    await(go);
                    throw new OutOfMemoryError("for a test");
                }
            });
            try (Worker worker = new Worker(kafka.with(LONG_TRANSACTIONS), "one", dying)) {
                worker.stage.start();
                reached.await();
                awaitUncommitted(kafka);
                go.countDown();
                assertThat(worker.stage.awaitEnd(Duration.ofMinutes(1))).isTrue();
                assertThat(worker.stage.failure()).isPresent();
            }
            goOn(kafka, "one");

            assertThat(kafka.starts(Topics.EMBEDDINGS)).containsExactly(0L, 1L, 2L, 3L, 4L, 5L);
            assertThat(kafka.read(Topics.DEAD_LETTERS)).isEmpty();
        }
    }

    /** A call that takes longer than a worker may be silent: another one has done its work when it comes back. */
    @Test
    void workerThatComesBackTooLate_isFenced() throws Exception {
        try (TestSite kafka = TestSite.start(directory, 1)) {
            writeClips(kafka.site());
            CountDownLatch reached = new CountDownLatch(1);
            CountDownLatch go = new CountDownLatch(1);
            CountingModel slow = new CountingModel(call -> {
                if (call == WRITTEN) {
                    reached.countDown();
                    await(go);
                }
            });
            Map<String, String> impatient =
                    Map.of("commit.interval.ms", "50000", "max.poll.interval.ms", "3000", "session.timeout.ms", "3000");
            try (Worker worker = new Worker(kafka.with(impatient), "one", slow)) {
                worker.stage.start();
                reached.await();
                awaitUncommitted(kafka);
                goOn(kafka, "two");
                go.countDown();
            } // closing it lets it try to commit

            assertThat(kafka.starts(Topics.EMBEDDINGS)).containsExactly(0L, 1L, 2L, 3L, 4L, 5L);
        }
    }

    @Test
    void threadThatFails_isReplaced_andNoClipIsGivenUp() throws Exception {
        try (TestSite kafka = TestSite.start(directory, 1)) {
            writeClips(kafka.site());
            AtomicInteger clips = new AtomicInteger();
            CountingModel failing = new CountingModel(call -> {}, () -> {
                if (clips.getAndIncrement() == WRITTEN) {
                    throw new IllegalStateException("nobody expects this");
                }
            });
            try (Worker worker = new Worker(kafka.site(), "one", failing)) {
                worker.stage.start();
                assertThat(TestSite.await(worker.stage, lag(kafka))).isTrue();
            }
            assertThat(clips).hasValueGreaterThan(CLIPS);
            assertThat(kafka.starts(Topics.EMBEDDINGS)).containsExactly(0L, 1L, 2L, 3L, 4L, 5L);
            assertThat(kafka.read(Topics.DEAD_LETTERS)).isEmpty();
        }
    }

    private void goOn(TestSite kafka, String name) throws Exception {
        try (Worker worker = new Worker(kafka.site(), name, new CountingModel(call -> {}))) {
            worker.stage.start();
            assertThat(TestSite.await(worker.stage, lag(kafka))).isTrue();
        }
    }

    private static GroupLag lag(TestSite kafka) {
        return kafka.lag(EncodeTopology.STAGE, Topics.CLIPS);
    }

    /** Waits until the broker has what the worker has written so far, which no reader of committed records sees. */
    private static void awaitUncommitted(TestSite kafka) throws Exception {
        ListOffsetsOptions all = new ListOffsetsOptions(IsolationLevel.READ_UNCOMMITTED);
        Map<TopicPartition, OffsetSpec> ask = Map.of(EMBEDDINGS, OffsetSpec.latest());
        while (kafka.admin()
                        .listOffsets(ask, all)
                        .partitionResult(EMBEDDINGS)
                        .get()
                        .offset()
                < WRITTEN) {
            Thread.onSpinWait(); // every look asks the broker: there is nothing to be woken by
        }
    }

    private static void writeClips(Site site) {
        Wire<Clip> wire = Wire.clips();
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(site.clientSettings(), new ByteArraySerializer(), new ByteArraySerializer())) {
            for (int i = 0; i < CLIPS; i++) {
                var unused =
                        producer.send(new ProducerRecord<>(Topics.CLIPS, "cam".getBytes(UTF_8), wire.write(clip(i))));
            }
        }
    }

    /** Sixteen times the same black square. */
    private static Clip clip(int second) {
        List<ClipFrame> frames = new ArrayList<>();
        frames.add(new ClipFrame(16, 16, ImageEncoding.RGB24, ByteBuffer.wrap(new byte[768]), -1));
        frames.addAll(
                Collections.nCopies(15, new ClipFrame(16, 16, ImageEncoding.RGB24, ByteBuffer.wrap(new byte[0]), 0)));
        return Clip.newBuilder()
                .setCamera("cam")
                .setStart(second * TestSite.SECOND)
                .setEnd((second + 1) * TestSite.SECOND)
                .setSession(1)
                .setFrameTimes(Collections.nCopies(16, second * TestSite.SECOND))
                .setSourceFrames(16)
                .setMissing(List.of())
                .setFrames(frames)
                .build();
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The encode stage with one thread and this model. */
    private final class Worker implements AutoCloseable {
        private final BatchedRunner runner;
        private final StreamsStage stage;

        Worker(Site site, String name, ClipModel model) {
            runner = new BatchedRunner(model, 1, Duration.ZERO, new BatchedRunner.Limits(LONGEST, LONGEST));
            stage = new Stages(site, directory.resolve(name), WriterSchemas.NONE, new SimpleMeterRegistry())
                    .encode(model, runner, List.of(), 1);
        }

        @Override
        public void close() {
            stage.close();
            runner.close();
        }
    }

    /** Does something before its n-th call, from 0, and before it takes a clip's pictures. */
    private static final class CountingModel implements ClipModel {
        private final FakeModel fake = new FakeModel();
        private final AtomicInteger calls = new AtomicInteger();
        private final IntConsumer before;
        private final Runnable preparing;

        CountingModel(IntConsumer before) {
            this(before, () -> {});
        }

        CountingModel(IntConsumer before, Runnable preparing) {
            this.before = before;
            this.preparing = preparing;
        }

        @Override
        public ModelIdentity identity() {
            return fake.identity();
        }

        @Override
        public boolean takes(int frames) {
            return fake.takes(frames);
        }

        @Override
        public PixelClip prepare(List<Picture> pictures) {
            preparing.run();
            return fake.prepare(pictures);
        }

        @Override
        public List<ClipResult> infer(List<PixelClip> clips) {
            before.accept(calls.getAndIncrement());
            return fake.infer(clips);
        }
    }
}
