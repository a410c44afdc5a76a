package io.jepastream.app;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.jepastream.app.kafka.EmbeddedKafka;
import io.jepastream.app.kafka.Site;
import io.jepastream.app.kafka.TopicReader;
import io.jepastream.ingest.media.Picture;
import io.jepastream.ingest.media.TestVideos;
import io.jepastream.ingest.wire.Topics;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A whole process that is given passwords and tokens: they are used, and appear nowhere. */
class SecretsIT {
    private static final String SECRET = "hunter2";
    private static final String ENCODED = "YWRtaW46aHVudGVyMg"; // admin:hunter2 as HTTP has it
    private static final String LOGGING = """
            <configuration>
              <appender name="console" class="ch.qos.logback.core.ConsoleAppender">
                <encoder><pattern>%level %logger %msg%n%ex</pattern></encoder>
              </appender>
              <root level="DEBUG"><appender-ref ref="console" /></root>
              <logger name="io.jepastream" level="TRACE" />
            </configuration>
            """;

    @TempDir
    Path directory;

    private final Queue<String> authorized = new ConcurrentLinkedQueue<>();
    private HttpServer camera;
    private EmbeddedKafka kafka;

    @BeforeEach
    void start() throws IOException {
        Picture gray = new Picture(64, 48, new byte[3 * 64 * 48]);
        Path video = TestVideos.write(directory.resolve("clip.mkv"), "mpeg4", 10, 45, i -> gray);
        camera = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        camera.createContext("/clip.mkv", exchange -> serve(exchange, Files.readAllBytes(video)));
        camera.start();
        kafka = EmbeddedKafka.start(directory.resolve("kafka"));
    }

    @AfterEach
    void stop() {
        camera.stop(0);
        kafka.close();
    }

    private void serve(HttpExchange exchange, byte[] video) throws IOException {
        try (exchange) {
            List<String> given = exchange.getRequestHeaders().getOrDefault("Authorization", List.of());
            if (given.isEmpty()) {
                exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"camera\"");
                exchange.sendResponseHeaders(401, -1);
                return;
            }
            authorized.add(given.get(0) + " " + exchange.getRequestURI().getQuery());
            exchange.sendResponseHeaders(200, video.length);
            exchange.getResponseBody().write(video);
        }
    }

    @Test
    void secretsAreUsed_andAreInNoLogRecordMetricOrListOfProcesses() throws Exception {
        int port = freePort();
        Path log = directory.resolve("run.log");
        Process run = run(port, log);
        String seen = run.info().commandLine().orElse("");
        StringBuilder metrics = new StringBuilder();
        while (!run.waitFor(100, TimeUnit.MILLISECONDS)) {
            metrics.append(scrape(port));
        }
        String said = Files.readString(log);

        assertThat(run.exitValue()).as(said).isEqualTo(1); // the mistyped camera
        assertThat(authorized)
                .as("what the camera was given")
                .contains("Basic " + ENCODED + "== access_token=" + SECRET);
        assertThat(said).contains("***@").contains("door").contains("sasl.jaas.config");
        assertThat(metrics.toString()).contains("jepastream_");
        for (String text : List.of(said, metrics.toString(), seen)) {
            assertThat(text.lines()).noneMatch(line -> line.contains(SECRET) || line.contains(ENCODED));
        }
        assertThat(records()).contains("door").doesNotContain(SECRET).doesNotContain(ENCODED);
    }

    private Process run(int metricsPort, Path log) throws IOException {
        Path client =
                Files.writeString(directory.resolve("client.properties"), """
                bootstrap.servers=%s
                security.protocol=PLAINTEXT
                sasl.mechanism=PLAIN
                sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required \
                username="admin" password="hunter2";
                ssl.key.password=hunter2
                ssl.keystore.password=hunter2
                ssl.truststore.password=hunter2
                """.formatted(kafka.bootstrapServers()));
        Path options = Files.writeString(directory.resolve("jepa.yaml"), """
                kafka-config: %s
                model: %s
                metrics: %d
                camera:
                  door: http://admin:hunter2@127.0.0.1:%d/clip.mkv?access_token=hunter2
                  typo: rtsp:/admin:hunter2@camera/1
                """.formatted(
                        client,
                        TinyBundle.write(directory.resolve("model")),
                        metricsPort,
                        camera.getAddress().getPort()));
        Path logging = Files.writeString(directory.resolve("logback.xml"), LOGGING);
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Dai.djl.offline=true",
                "-Dorg.bytedeco.javacpp.logger=slf4j",
                "-Dlogback.configurationFile=" + logging,
                "-cp",
                System.getProperty("java.class.path"),
                Jepa.class.getName(),
                "run");
        builder.environment().put(ConfigFile.VARIABLE, options.toString());
        return builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
    }

    private static String scrape(int port) throws InterruptedException, IOException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:%d/metrics".formatted(port)))
                .build();
        try {
            return HttpClient.newHttpClient()
                    .send(request, HttpResponse.BodyHandlers.ofString())
                    .body();
        } catch (ConnectException e) { // not yet, or no more
            return "";
        }
    }

    /** Keys, values and headers of everything on all topics, a character for each byte. */
    private String records() throws Exception {
        StringBuilder all = new StringBuilder();
        Site site = new Site(kafka.bootstrapServers(), "reader", Map.of());
        try (TopicReader reader = TopicReader.open(site, Topics.ALL, true)) {
            while (reader.recordsLeft() > 0) {
                for (ConsumerRecord<byte[], byte[]> record : reader.poll()) {
                    all.append(new String(record.key(), UTF_8)).append(new String(record.value(), ISO_8859_1));
                    for (Header header : record.headers()) {
                        all.append(header.key()).append(new String(header.value(), ISO_8859_1));
                    }
                }
            }
        }
        return all.toString();
    }

    @Test
    void brokerInside_answersOnLoopbackAlone() throws Exception {
        String[] address = kafka.bootstrapServers().split(":");
        assertThat(InetAddress.getByName(address[0]).isLoopbackAddress()).isTrue();
        for (NetworkInterface network : NetworkInterface.networkInterfaces().toList()) {
            for (InetAddress own : network.inetAddresses().toList()) {
                if (!own.isLoopbackAddress()) {
                    InetSocketAddress outside = new InetSocketAddress(own, Integer.parseInt(address[1]));
                    try (Socket socket = new Socket()) {
                        assertThatThrownBy(() -> socket.connect(outside, 2000))
                                .as("%s", outside)
                                .isInstanceOf(IOException.class);
                    }
                }
            }
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
