package io.jepastream.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricsTest {
    @Test
    void countersAreServedOnLoopback() throws Exception {
        Metrics.Options options = new Metrics.Options();
        options.address = "0";
        try (Metrics metrics = Metrics.open(options)) {
            assertThat(metrics.isLocal()).isTrue();
            metrics.registry().counter("jepastream.clips.emitted").increment(3);
            System.gc(); // a gauge must hold what it measures
            HttpResponse<String> response = HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(URI.create("http://localhost:" + metrics.port() + "/metrics"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
            assertThat(response.body())
                    .contains("jepastream_clips_emitted_total 3.0")
                    .contains("jvm_memory_used_bytes")
                    .contains("jvm_buffer_memory_used_bytes{id=\"direct\"}")
                    .containsPattern("jepastream_process_memory_resident_bytes [1-9]")
                    .containsPattern("jepastream_process_memory_anonymous_bytes [1-9]")
                    .contains("jepastream_process_memory_outside_jvm_least_bytes ")
                    .containsPattern("jepastream_process_memory_outside_jvm_most_bytes [0-9]");
        }
    }

    @Test
    void memoryIsReadAsLinuxWritesIt(@TempDir Path directory) throws Exception {
        Path status = Files.writeString(
                directory.resolve("status"), "VmHWM:\t  999 kB\nVmRSS:\t  812344 kB\nRssAnon:\t      12 kB\n");
        ProcessMemory memory = new ProcessMemory(status);
        assertThat(memory.bytes("VmRSS")).isEqualTo(812_344L * 1024);
        assertThat(memory.bytes("RssAnon")).isEqualTo(12 * 1024);
        assertThatThrownBy(() -> memory.bytes("VmSwap")).hasMessageContaining("want a line 'VmSwap: N kB'");
    }

    @Test
    void addressThatIsNone_isRefused() {
        Metrics.Options options = new Metrics.Options();
        options.address = "here";
        assertThatThrownBy(() -> Metrics.open(options))
                .hasMessageContaining("--metrics: want PORT or HOST:PORT, got 'here'");
    }
}
