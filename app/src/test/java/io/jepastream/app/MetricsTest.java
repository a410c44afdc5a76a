package io.jepastream.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;

class MetricsTest {
    @Test
    void countersAreServedOnLoopback() throws Exception {
        Metrics.Options options = new Metrics.Options();
        options.address = "0";
        try (Metrics metrics = Metrics.open(options)) {
            assertThat(metrics.isLocal()).isTrue();
            metrics.registry().counter("jepastream.clips.emitted").increment(3);
            HttpResponse<String> response = HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(URI.create("http://localhost:" + metrics.port() + "/metrics"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
            assertThat(response.body())
                    .contains("jepastream_clips_emitted_total 3.0")
                    .contains("jvm_memory_used_bytes");
        }
    }

    @Test
    void addressThatIsNone_isRefused() {
        Metrics.Options options = new Metrics.Options();
        options.address = "here";
        assertThatThrownBy(() -> Metrics.open(options))
                .hasMessageContaining("--metrics: want PORT or HOST:PORT, got 'here'");
    }
}
