package io.jepastream.ingest.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.jepastream.ingest.media.SourceException.Reason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sources behind a network, against servers inside the test. */
final class NetworkSourceTest {
    private static final SourceOptions OPTIONS =
            SourceOptions.DEFAULTS.withDeadlines(Duration.ofSeconds(20), Duration.ofSeconds(2));

    @TempDir
    private Path folder;

    private final CountDownLatch stop = new CountDownLatch(1);
    private HttpServer server;

    @BeforeEach
    void serve() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            Path file = folder.resolve(exchange.getRequestURI().getPath().substring(1));
            byte[] body = Files.exists(file) ? Files.readAllBytes(file) : new byte[0];
            exchange.sendResponseHeaders(Files.exists(file) ? 200 : 404, body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void close() {
        stop.countDown();
        server.stop(0);
    }

    private FrameSource http(String name) {
        return LibavSource.of(
                SourceUrl.parse("http://127.0.0.1:" + server.getAddress().getPort() + "/" + name), OPTIONS);
    }

    private static int count(FrameSource source) throws SourceException {
        int frames = 0;
        while (source.next()) {
            frames++;
        }
        return frames;
    }

    /** A camera, or who stands in for it, must not get this machine's files shown as its pictures. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:3,\nfile:%s\n#EXT-X-ENDLIST\n",
                "ffconcat version 1.0\nfile 'file:%s'\n"
            })
    void listFromTheNetwork_cannotNameLocalFiles(String list) throws Exception {
        Path video = TestVideos.write(folder.resolve("local.ts"), "mpeg4", 10, 25, i -> Pictures.waves(96, 64, i));
        Files.writeString(folder.resolve("list.m3u8"), list.formatted(video));
        try (FrameSource source = http("list.m3u8")) {
            assertThatThrownBy(source::open).isInstanceOf(SourceException.class);
        }
    }

    @Test
    void fileOverHttp_isLikeAFile() throws Exception {
        TestVideos.write(folder.resolve("a.mkv"), "mpeg4", 10, 25, i -> Pictures.waves(96, 64, i));
        try (FrameSource source = http("a.mkv")) {
            source.open();
            assertThat(source.isLive()).isFalse();
            assertThat(count(source)).isEqualTo(25);
            assertThat(source.timeMicros()).isEqualTo(2_400_000);
        }
    }

    @Test
    void finishedPlaylist_isLikeAFile() throws Exception {
        TestVideos.write(folder.resolve("a0.ts"), "mpeg4", 10, 20, i -> Pictures.waves(96, 64, i));
        Files.writeString(
                folder.resolve("a.m3u8"),
                "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n#EXTINF:2.0,\na0.ts\n#EXT-X-ENDLIST\n");
        try (FrameSource source = http("a.m3u8")) {
            source.open();
            assertThat(source.isLive()).isFalse();
            assertThat(count(source)).isEqualTo(20);
        }
    }

    @Test
    void missingPage_isNamed() {
        try (FrameSource source = http("absent.m3u8?token=hunter2")) {
            assertThatThrownBy(source::open)
                    .isInstanceOf(SourceException.class)
                    .hasMessageContaining("404")
                    .hasMessageContaining("absent.m3u8")
                    .hasMessageNotContaining("hunter2");
        }
    }

    @Test
    void transportStreamOverUdp_isLive_andItsSilenceTimesOut() throws Exception {
        Path file = TestVideos.write(folder.resolve("a.ts"), "mpeg4", 25, 100, i -> Pictures.waves(96, 64, i));
        byte[] bytes = Files.readAllBytes(file);
        int port;
        try (DatagramSocket free = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        Thread sender = new Thread(() -> send(bytes, port), "udp-sender");
        sender.setDaemon(true);
        sender.start();
        try (FrameSource source = LibavSource.of(SourceUrl.parse("udp://127.0.0.1:" + port), OPTIONS)) {
            source.open();
            assertThat(source.isLive()).isTrue();
            for (int i = 0; i < 30; i++) {
                assertThat(source.next()).isTrue();
            }
            stop.countDown();
            assertThatThrownBy(() -> count(source))
                    .isInstanceOfSatisfying(
                            SourceException.class, e -> assertThat(e.reason()).isEqualTo(Reason.TIMED_OUT));
        }
    }

    /** Sends the stream over and over, a little faster than it plays, until told to stop. */
    private void send(byte[] bytes, int port) {
        try (DatagramSocket socket = new DatagramSocket()) {
            InetAddress here = InetAddress.getLoopbackAddress();
            for (int at = 0; !stop.await(5, TimeUnit.MILLISECONDS); at = at + 1316 >= bytes.length ? 0 : at + 1316) {
                socket.send(new DatagramPacket(bytes, at, Math.min(1316, bytes.length - at), here, port));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void quarterTurns_areClockwise() {
        byte[] planes = new byte[3 * 32 * 16];
        planes[3 * 32 + 5] = 9;
        Picture picture = new Picture(32, 16, planes);
        Picture once = picture.turned(1);
        assertThat(once.width()).isEqualTo(16);
        assertThat(once.planes()[5 * 16 + (15 - 3)]).isEqualTo((byte) 9);
        assertThat(once.turned(3).planes()).isEqualTo(planes);
        assertThat(once.turned(1).planes()).isEqualTo(picture.turned(2).planes());
    }
}
