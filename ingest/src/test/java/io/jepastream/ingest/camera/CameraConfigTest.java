package io.jepastream.ingest.camera;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jepastream.ingest.camera.CameraConfig.Policy;
import io.jepastream.ingest.media.SourceOptions;
import io.jepastream.ingest.media.SourceUrl;
import io.jepastream.ingest.wire.ImageEncoding;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CameraConfigTest {
    private static final SourceUrl FILE = SourceUrl.parse("a.mp4");

    @Test
    void defaults() {
        CameraConfig config = CameraConfig.builder("gate-1", FILE).build();
        assertThat(config)
                .isEqualTo(new CameraConfig(
                        "gate-1",
                        FILE,
                        new FrameRate(32, 3),
                        256,
                        ImageEncoding.JPEG,
                        95,
                        false,
                        Instant.parse("2000-01-01T00:00:00Z"),
                        SourceOptions.DEFAULTS,
                        Policy.BLOCK,
                        32,
                        Duration.ofSeconds(5)));
        assertThat(config.startMicros() % 3_000_000).as("on the grid of clips").isZero();
        assertThat(CameraConfig.builder("b", SourceUrl.parse("rtsp://h/1"))
                        .build()
                        .policy())
                .isEqualTo(Policy.DROP_OLDEST);
    }

    @Test
    void everySetting() {
        SourceOptions options = new SourceOptions(
                Duration.ofSeconds(1), Duration.ofSeconds(2), SourceOptions.Transport.UDP, Map.of("a", "b"));
        CameraConfig config = CameraConfig.builder("b", FILE)
                .rate(FrameRate.parse("5"))
                .shortSide(0)
                .encoding(ImageEncoding.PNG, 7)
                .realtime(true)
                .start(Instant.EPOCH.plusNanos(5000))
                .options(options)
                .policy(Policy.DROP_OLDEST, 9)
                .stallAfter(Duration.ofSeconds(9))
                .build();
        assertThat(config)
                .isEqualTo(new CameraConfig(
                        "b",
                        FILE,
                        new FrameRate(5000, 1000),
                        0,
                        ImageEncoding.PNG,
                        7,
                        true,
                        Instant.EPOCH.plusNanos(5000),
                        options,
                        Policy.DROP_OLDEST,
                        9,
                        Duration.ofSeconds(9)));
        assertThat(config.startMicros()).isEqualTo(5);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "a/b", "ü", "a:b"})
    void badIds_areRefused(String id) {
        assertThatThrownBy(() -> CameraConfig.builder(id, FILE).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("camera id: want 1 to 128 characters")
                .hasMessageContaining("'" + id + "'");
    }

    @Test
    void badSettings_areRefused() {
        CameraConfig.Builder good = CameraConfig.builder("x".repeat(128), FILE);
        assertThat(good.build().id()).hasSize(128);
        assertThatThrownBy(() -> good.shortSide(255).build()).hasMessageContaining("255");
        good.shortSide(256);
        assertThatThrownBy(() -> good.encoding(ImageEncoding.JPEG, 101).build()).hasMessageContaining("101");
        good.encoding(ImageEncoding.JPEG, 100);
        assertThatThrownBy(() -> good.policy(Policy.BLOCK, 0).build()).hasMessageContaining("queue");
        assertThatThrownBy(() -> CameraConfig.builder("x", SourceUrl.parse("synth:motion=sideways"))
                        .build())
                .hasMessageContaining("sideways");
    }
}
