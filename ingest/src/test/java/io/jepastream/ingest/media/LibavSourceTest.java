package io.jepastream.ingest.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jepastream.ingest.media.SourceException.Reason;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class LibavSourceTest {
    @TempDir
    private Path folder;

    private static FrameSource source(String url) {
        return LibavSource.of(SourceUrl.parse(url), SourceOptions.DEFAULTS);
    }

    private static List<Long> times(FrameSource source) throws SourceException {
        List<Long> times = new ArrayList<>();
        while (source.next()) {
            times.add(source.timeMicros());
        }
        return times;
    }

    @ParameterizedTest
    @CsvSource({"a.mp4,mpeg4", "a.mkv,mpeg4", "a.avi,mpeg4", "a.mp4,libopenh264", "a.mkv,libopenh264", "a.avi,mjpeg"})
    void file_givesEveryFrameAtItsTime(String name, String codec) throws Exception {
        Path file = TestVideos.write(folder.resolve(name), codec, 10, 25, i -> Pictures.waves(96, 64, i));
        try (FrameSource source = source(file.toString())) {
            source.open();
            List<Long> times = times(source);
            assertThat(times).hasSize(25);
            for (int i = 0; i < 25; i++) {
                assertThat(times.get(i)).isEqualTo(100_000L * i);
            }
            assertThat(source.endMicros()).isEqualTo(2_500_000);
            assertThat(source.takeDecodeErrors()).isZero();
            assertThat(source.isLive()).isFalse();
            assertThat(source.next()).isFalse();
        }
    }

    @Test
    void picture_isTheFrameScaled() throws Exception {
        Path file = TestVideos.write(folder.resolve("a.mp4"), "mjpeg", 10, 3, i -> Pictures.waves(96, 64, i));
        try (FrameSource source = source(file.toString())) {
            source.open();
            assertThat(source.next()).isTrue();
            Picture own = source.picture(0);
            assertThat(Pictures.psnr(own, Pictures.waves(96, 64, 0))).isGreaterThan(30);
            Picture large = source.picture(256);
            assertThat(large.width()).isEqualTo(384);
            assertThat(large.height()).isEqualTo(256);
            assertThat(source.picture(256).planes()).isEqualTo(large.planes());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "768,432,256,456,256",
        "640,480,256,342,256",
        "340,256,256,340,256",
        "100,300,50,50,150",
        "64,64,128,128,128"
    })
    void shortSide_isExactAndTheLongOneEven(int width, int height, int shortSide, int toWidth, int toHeight) {
        assertThat(PictureScaler.side(width, height, shortSide)).isEqualTo(toWidth);
        assertThat(PictureScaler.side(height, width, shortSide)).isEqualTo(toHeight);
    }

    @Test
    void colours_surviveTheWayThroughAFile() throws Exception {
        byte[] planes = new byte[3 * 64 * 64];
        java.util.Arrays.fill(planes, 0, 64 * 64, (byte) 200);
        java.util.Arrays.fill(planes, 64 * 64, 2 * 64 * 64, (byte) 90);
        java.util.Arrays.fill(planes, 2 * 64 * 64, 3 * 64 * 64, (byte) 30);
        Path file = TestVideos.write(folder.resolve("c.mkv"), "mpeg4", 10, 3, i -> new Picture(64, 64, planes));
        try (FrameSource source = source(file.toString())) {
            source.open();
            assertThat(source.next()).isTrue();
            byte[] seen = source.picture(0).planes();
            int middle = 32 * 64 + 32;
            assertThat(seen[middle] & 0xFF).isBetween(194, 206);
            assertThat(seen[64 * 64 + middle] & 0xFF).isBetween(84, 96);
            assertThat(seen[2 * 64 * 64 + middle] & 0xFF).isBetween(24, 36);
        }
    }

    @Test
    void filterGraph_withoutAnyFile() throws Exception {
        try (FrameSource source = source("lavfi:testsrc2=size=128x96:rate=20:duration=1")) {
            source.open();
            assertThat(times(source)).hasSize(20).endsWith(950_000L);
            assertThat(source.isLive()).isFalse();
        }
        assertThat(SourceUrl.parse("lavfi:testsrc2=size=128x96").looksLive()).isTrue();
    }

    @Test
    void filterGraphWithATypo_isRefused() {
        try (FrameSource source = source("lavfi:testsrc3=size=64x64")) {
            assertThatThrownBy(source::open).isInstanceOf(SourceException.class).hasMessageContaining("testsrc3");
        }
    }

    @Test
    void cutFile_givesWhatItHolds() throws Exception {
        Path file = TestVideos.write(folder.resolve("a.mkv"), "mpeg4", 10, 40, i -> Pictures.waves(96, 64, i));
        byte[] bytes = Files.readAllBytes(file);
        Path cut = Files.write(folder.resolve("cut.mkv"), java.util.Arrays.copyOf(bytes, bytes.length / 2));
        try (FrameSource source = source(cut.toString())) {
            source.open();
            assertThat(times(source)).hasSizeBetween(10, 39);
        }
    }

    @Test
    void damagedFile_isCountedNotFatal() throws Exception {
        Path file = TestVideos.write(folder.resolve("a.avi"), "mjpeg", 10, 40, i -> Pictures.waves(96, 64, i));
        byte[] bytes = Files.readAllBytes(file);
        java.util.Arrays.fill(bytes, bytes.length / 2, bytes.length / 2 + 400, (byte) 0);
        Files.write(file, bytes);
        try (FrameSource source = source(file.toString())) {
            source.open();
            int frames = times(source).size();
            assertThat(frames).isBetween(30, 40);
        }
    }

    @Test
    void missingFile_isNamed() {
        try (FrameSource source = source(folder.resolve("absent.mp4").toString())) {
            assertThatThrownBy(source::open)
                    .isInstanceOf(SourceException.class)
                    .hasMessageContaining("want an existing file")
                    .hasMessageContaining("absent.mp4");
        }
    }

    @Test
    void fileWithoutVideo_isRefused() throws IOException {
        Path text = Files.writeString(folder.resolve("notes.mp4"), "not a video at all\n".repeat(100));
        try (FrameSource source = source(text.toString())) {
            assertThatThrownBy(source::open).isInstanceOf(SourceException.class).hasMessageContaining("notes.mp4");
        }
    }

    @Test
    void misspeltOption_isFound() {
        Path file = TestVideos.write(folder.resolve("a.mp4"), "mpeg4", 10, 3, i -> Pictures.waves(96, 64, i));
        SourceOptions options = new SourceOptions(
                Duration.ofSeconds(5), Duration.ofSeconds(5), SourceOptions.Transport.TCP, Map.of("stimeout", "5"));
        try (FrameSource source = LibavSource.of(SourceUrl.parse(file.toString()), options)) {
            assertThatThrownBy(source::open)
                    .isInstanceOfSatisfying(
                            SourceException.class, e -> assertThat(e.reason()).isEqualTo(Reason.BAD_OPTION))
                    .hasMessageContaining("stimeout");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"rtsp", "http"})
    void serverThatNeverAnswers_isGivenUpAtTheDeadline(String scheme) throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            SourceUrl url = SourceUrl.parse(
                    "%s://user:hunter2@127.0.0.1:%d/live?token=abc".formatted(scheme, silent.getLocalPort()));
            SourceOptions options =
                    SourceOptions.DEFAULTS.withDeadlines(Duration.ofMillis(700), Duration.ofSeconds(60));
            long before = System.nanoTime();
            try (FrameSource source = LibavSource.of(url, options)) {
                assertThatThrownBy(source::open)
                        .isInstanceOfSatisfying(
                                SourceException.class,
                                e -> assertThat(e.reason()).isEqualTo(Reason.TIMED_OUT))
                        .hasMessageNotContainingAny("hunter2", "abc", "user");
            }
            assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(5));
        }
    }

    @Test
    void cancel_endsAnOpenThatHangs() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
                FrameSource source = source("rtsp://127.0.0.1:%d/".formatted(silent.getLocalPort()))) {
            CompletableFuture<Void> accepted = CompletableFuture.runAsync(() -> accept(silent));
            CompletableFuture<Reason> result = CompletableFuture.supplyAsync(() -> reasonOfOpening(source));
            accepted.get(5, TimeUnit.SECONDS);
            source.cancel();
            assertThat(result.get(3, TimeUnit.SECONDS)).isEqualTo(Reason.CANCELLED);
        }
    }

    @SuppressWarnings("MustBeClosed")
    private static void accept(ServerSocket silent) {
        try {
            silent.accept();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static Reason reasonOfOpening(FrameSource source) {
        try {
            source.open();
        } catch (SourceException e) {
            return e.reason();
        }
        throw new AssertionError("want a failure, got an open source");
    }
}
