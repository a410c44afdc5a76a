package io.jepastream.ingest.camera;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jepastream.ingest.camera.CameraConfig.Policy;
import io.jepastream.ingest.camera.FakeSource.Then;
import io.jepastream.ingest.media.FrameSource;
import io.jepastream.ingest.media.PictureHeader;
import io.jepastream.ingest.media.Pictures;
import io.jepastream.ingest.media.SourceOptions;
import io.jepastream.ingest.media.SourceUrl;
import io.jepastream.ingest.media.TestVideos;
import io.jepastream.ingest.wire.Frame;
import io.jepastream.ingest.wire.ImageEncoding;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class CamerasTest {
    private static final long START = 946_684_800_000_000L;
    private static final Backoff SOON = new Backoff(Duration.ofMillis(20), Duration.ofMillis(100));

    private final Records records = new Records();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

    private static CameraConfig.Builder camera(String url) {
        return CameraConfig.builder("cam", SourceUrl.parse(url)).shortSide(32);
    }

    private static List<CameraStatus> run(CameraConfig config, FrameSink sink, SimpleMeterRegistry registry)
            throws Exception {
        try (Cameras cameras = Cameras.start(List.of(config), sink, registry)) {
            return cameras.ended().get(20, TimeUnit.SECONDS);
        }
    }

    private static Environment world(FrameSource... sources) {
        ConcurrentLinkedQueue<FrameSource> waiting = new ConcurrentLinkedQueue<>(List.of(sources));
        // Each look at the clock is 10 ms later than the one before: two frames are never in one interval of the
        // sampler.
        AtomicLong micros = new AtomicLong(START);
        return new Environment(() -> micros.addAndGet(10_000), config -> waiting.remove(), SOON, Duration.ofMillis(10));
    }

    @Test
    void file_givesItsSampledFramesAndItsEnd_atRepeatableTimes() throws Exception {
        CameraStatus status = run(
                        camera("lavfi:testsrc2=size=64x64:rate=30:duration=3").build(), records, registry)
                .get(0);
        List<Frame> frames = records.all();
        Records.assertOneSession(frames);
        assertThat(frames).hasSize(33);
        assertThat(frames.get(0).getCapturedAt()).isEqualTo(START);
        assertThat(frames.get(32).getCapturedAt()).isEqualTo(START + 3_000_000);
        for (int i = 0; i < 32; i++) {
            Frame frame = frames.get(i);
            assertThat(frame.getCapturedAt() - START).isBetween(i * 93_750L, (i + 1) * 93_750L - 1);
            PictureHeader.check(ImageEncoding.JPEG, frame.getData().array(), 32, 32);
        }
        assertThat(status.state()).isEqualTo(CameraState.ENDED);
        assertThat(status.failed()).isFalse();
        assertThat(status.frames()).isEqualTo(32);
    }

    @Test
    void generatedFile_keepsItsOwnTimeFromTheGivenStart() throws Exception {
        Instant start = Instant.parse("2026-03-01T10:00:00Z");
        run(camera("synth:motion=roll,duration=2,fps=6").start(start).build(), records, registry);
        List<Frame> frames = records.all();
        assertThat(frames).hasSize(13);
        assertThat(frames.get(1).getCapturedAt()).isEqualTo(start.getEpochSecond() * 1_000_000 + 166_666);
        assertThat(frames.get(0).getWidth()).isEqualTo(42);
    }

    @Test
    void fileThatIsNotThere_endsAsFailed_withoutRecords() throws Exception {
        CameraStatus status =
                run(camera("/nowhere/absent.mp4").build(), records, registry).get(0);
        assertThat(status.failed()).isTrue();
        assertThat(status.lastError()).contains("/nowhere/absent.mp4");
        assertThat(records.all()).isEmpty();
    }

    @Test
    void slowConsumer_blocksAFileAndLosesNothing() throws Exception {
        CountDownLatch gate = new CountDownLatch(1);
        FrameSink slow = frame -> {
            gate.await();
            records.accept(frame);
        };
        CameraConfig config = camera("synth:tour,duration=3,fps=30,size=64x48")
                .policy(Policy.BLOCK, 1)
                .build();
        try (Cameras cameras = Cameras.start(List.of(config), slow, registry)) {
            gate.countDown();
            assertThat(cameras.ended().get(20, TimeUnit.SECONDS).get(0).shed()).isZero();
        }
        assertThat(records.all()).hasSize(33);
    }

    @Test
    void slowConsumer_makesALiveCameraShedItsOldestFrames() throws Exception {
        CountDownLatch gate = new CountDownLatch(1);
        FrameSink slow = frame -> {
            gate.await();
            records.accept(frame);
        };
        FakeSource source = new FakeSource(0, 50, Then.HANG);
        CameraConfig config = camera("rtsp://fake/")
                .policy(Policy.DROP_OLDEST, 4)
                .rate(FrameRate.parse("240"))
                .build();
        try (Cameras cameras = Cameras.start(List.of(config), slow, registry, arriving(source))) {
            assertThat(source.hanging.await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(cameras.status().get(0).shed()).isBetween(45L, 46L);
            gate.countDown();
            records.await(4, Records::isPicture);
        }
        List<Frame> frames = records.all();
        Records.assertOneSession(frames);
        long pictures = frames.stream().filter(Records::isPicture).count();
        int shed = frames.stream().mapToInt(Frame::getShed).sum();
        assertThat(pictures).isBetween(4L, 5L);
        assertThat(pictures + shed).isEqualTo(50);
        assertThat(frames.stream().mapToInt(Frame::getDecodeErrors).sum()).isEqualTo(2);
    }

    /** A world whose clock goes on by 100 ms at every look, as the fake frames do. */
    private static Environment arriving(FrameSource source) {
        AtomicLong micros = new AtomicLong(START);
        return new Environment(() -> micros.addAndGet(100_000), config -> source, SOON, Duration.ofSeconds(60));
    }

    @Test
    void liveCameraThatBreaks_comesBackInTheSameSession() throws Exception {
        Environment world = world(
                new FakeSource(0, 1, Then.BREAK),
                new FakeSource(900_000_000, 1, Then.BREAK),
                new FakeSource(0, 0, Then.BREAK),
                new FakeSource(0, 1, Then.HANG));
        CameraConfig config =
                camera("rtsp://fake/").rate(FrameRate.parse("240")).build();
        try (Cameras cameras = Cameras.start(List.of(config), records, registry, world)) {
            records.await(3, Records::isPicture);
            CameraStatus status = cameras.status().get(0);
            assertThat(status.reconnects()).isEqualTo(3);
            assertThat(status.lastError()).contains("cable cut");
            assertThat(status.state()).isEqualTo(CameraState.LIVE);
            assertThat(registry.get("jepastream.camera.state")
                            .tag("camera", "cam")
                            .gauge()
                            .value())
                    .isEqualTo(1);
            assertThat(registry.get("jepastream.camera.reconnects")
                            .functionCounter()
                            .count())
                    .isEqualTo(3);
        }
        Records.assertOneSession(records.all());
        assertThat(registry.getMeters()).isEmpty();
    }

    @Test
    void threadThatHangsForGood_isReplaced_andCloseDoesNotWaitForIt() throws Exception {
        Environment world = world(new FakeSource(0, 1, Then.HANG_DEAF), new FakeSource(0, 1, Then.HANG));
        CameraConfig config =
                camera("rtsp://fake/").rate(FrameRate.parse("240")).build();
        try (Cameras cameras = Cameras.start(List.of(config), records, registry, world)) {
            records.await(2, Records::isPicture);
            assertThat(cameras.status().get(0).lastError()).contains("native call");
        }
        Records.assertOneSession(records.all());
    }

    @Test
    void sinkThatFails_failsTheCamera() throws Exception {
        FrameSink broken = frame -> {
            throw new IllegalStateException("disk full");
        };
        CameraStatus status = run(camera("synth:tour,duration=60,size=64x48").build(), broken, registry)
                .get(0);
        assertThat(status.failed()).isTrue();
        assertThat(status.lastError()).contains("disk full");
    }

    @Test
    void realtimeFile_takesItsOwnTime_andKeepsItsOwnTimeline() throws Exception {
        long before = System.nanoTime();
        run(camera("synth:motion=roll,duration=0.6,fps=10").realtime(true).build(), records, registry);
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isGreaterThanOrEqualTo(Duration.ofMillis(500));
        assertThat(records.all()).hasSize(7);
        assertThat(records.all().get(0).getCapturedAt()).isEqualTo(START);
    }

    @Test
    void liveGeneratedCamera_isStampedWithTheWallClock() throws Exception {
        try (Cameras cameras = Cameras.start(List.of(camera("synth:tour,fps=30").build()), records, registry)) {
            records.await(5, Records::isPicture);
            assertThat(cameras.status().get(0).state()).isEqualTo(CameraState.LIVE);
        }
        List<Frame> frames = records.all();
        Records.assertOneSession(frames);
        long age = Environment.real().micros().getAsLong()
                - frames.get(frames.size() - 1).getCapturedAt();
        assertThat(age).as("microseconds since the end").isBetween(-1_000_000L, 10_000_000L);
    }

    /** Nobody listens there: the camera's windows are gaps, not silence. */
    @Test
    void cameraThatIsNeverReached_ticksFromTheStart_andEnds() throws Exception {
        CountDownLatch twoTicks = new CountDownLatch(2);
        FrameSink sink = frame -> {
            records.accept(frame);
            twoTicks.countDown();
        };
        int port;
        try (ServerSocket closedSoon = new ServerSocket(0)) {
            port = closedSoon.getLocalPort();
        }
        try (Cameras cameras =
                Cameras.start(List.of(camera("rtsp://127.0.0.1:" + port + "/a").build()), sink, registry)) {
            assertThat(twoTicks.await(20, TimeUnit.SECONDS)).isTrue();
            assertThat(cameras.status().get(0).state()).isEqualTo(CameraState.CONNECTING);
        }
        List<Frame> frames = records.all();
        assertThat(frames).noneMatch(frame -> frame.getData().hasRemaining());
        assertThat(frames).extracting(Frame::getCapturedAt).isSorted().doesNotHaveDuplicates();
        assertThat(frames.get(frames.size() - 1).getEndOfStream()).isTrue();
    }

    @Test
    void sameIdTwice_isRefused() {
        CameraConfig config = camera("a.mp4").build();
        assertThatThrownBy(() -> Cameras.start(List.of(config, config), records, registry))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'cam' twice");
    }

    @Test
    void silence_isTicked_andStalls() throws Exception {
        FakeSource source = new FakeSource(0, 1, Then.HANG);
        AtomicLong micros = new AtomicLong(START);
        Environment world = new Environment(micros::get, config -> source, SOON, Duration.ofSeconds(60));
        CameraConfig config = camera("rtsp://fake/").build();
        CameraWorker worker = new CameraWorker(config, 1, records, new Tally(), world);
        worker.start();
        records.await(1, Records::isPicture);
        assertThat(source.hanging.await(10, TimeUnit.SECONDS)).isTrue();
        worker.check();
        assertThat(worker.status().state()).isEqualTo(CameraState.LIVE);
        for (int second = 1; second <= 6; second++) {
            micros.addAndGet(1_000_000);
            worker.check();
            worker.check();
        }
        assertThat(worker.status().state()).isEqualTo(CameraState.STALLED);
        worker.stop();
        worker.done().get(10, TimeUnit.SECONDS);
        List<Frame> frames = records.all();
        Records.assertOneSession(frames);
        List<Long> ticks = frames.stream()
                .filter(Records::isTick)
                .map(Frame::getCapturedAt)
                .toList();
        // Seconds 3 to 6, 2 s behind; fewer where the sender had not yet taken the one before.
        assertThat(ticks).isSubsetOf(START + 1_000_000, START + 2_000_000, START + 3_000_000, START + 4_000_000);
        assertThat(ticks).isNotEmpty();
        assertThat(frames.get(frames.size() - 1).getEndOfStream()).isTrue();
    }

    @Test
    void rtspServerStoppedAndStartedAgain_isFoundAgainInTheSameSession() throws Exception {
        List<byte[]> packets = TestVideos.mpeg4Packets(25, 50, i -> Pictures.waves(96, 64, i));
        Environment real = Environment.real();
        Environment world = new Environment(
                real.micros(),
                real.sources(),
                new Backoff(Duration.ofMillis(500), Duration.ofSeconds(1)),
                real.abandonAfter());
        RtspServer first = new RtspServer(0, 25, packets);
        int port = first.port();
        CameraConfig config =
                camera("rtsp://viewer:hunter2@127.0.0.1:" + port + "/live").build();
        try (Cameras cameras = Cameras.start(List.of(config), records, registry, world)) {
            records.await(10, Records::isPicture);
            first.close();
            records.await(1, Records::isTick);
            try (RtspServer second = new RtspServer(port, 25, packets)) {
                assertThat(second.port()).isEqualTo(port);
                records.await(40, Records::isPicture);
                CameraStatus status = cameras.status().get(0);
                assertThat(status.state()).isEqualTo(CameraState.LIVE);
                assertThat(status.reconnects()).isPositive();
                assertThat(status.toString()).doesNotContain("hunter2");
            }
        }
        Records.assertOneSession(records.all());
        List<Frame> frames = records.all();
        long age = real.micros().getAsLong() - frames.get(frames.size() - 1).getCapturedAt();
        assertThat(age).as("microseconds since the end").isBetween(-1_000_000L, 10_000_000L);
    }

    @Test
    void serverThatNeverAnswers_holdsUpNeitherOtherCamerasNorClose() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            SourceOptions patient =
                    SourceOptions.DEFAULTS.withDeadlines(Duration.ofMinutes(10), Duration.ofMinutes(10));
            CameraConfig hung = camera("rtsp://127.0.0.1:" + silent.getLocalPort() + "/")
                    .options(patient)
                    .build();
            CameraConfig good = CameraConfig.builder("good", SourceUrl.parse("lavfi:testsrc2=size=64x64:duration=2"))
                    .build();
            long closing;
            try (Cameras cameras = Cameras.start(List.of(hung, good), records, registry)) {
                records.await(1, Frame::getEndOfStream);
                assertThat(cameras.status().get(0).state()).isEqualTo(CameraState.CONNECTING);
                closing = System.nanoTime();
            }
            assertThat(Duration.ofNanos(System.nanoTime() - closing)).isLessThan(Duration.ofSeconds(5));
        }
    }
}
