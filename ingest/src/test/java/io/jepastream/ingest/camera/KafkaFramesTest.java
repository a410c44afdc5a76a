package io.jepastream.ingest.camera;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

class KafkaFramesTest {
    /** A broker that dies after its answer takes with it what no other has. */
    @Test
    void everyCopyAcknowledges_andNoFrameIsWrittenTwiceOrGivenUp() {
        assertThat(KafkaFrames.settings(Map.of("linger.ms", 20)))
                .containsEntry("acks", "all")
                .containsEntry("enable.idempotence", true)
                .containsEntry("delivery.timeout.ms", Integer.MAX_VALUE)
                .containsEntry("linger.ms", 20);
    }

    @Test
    void settingsThatGiveThisUp_areRefused() {
        assertThat(KafkaFrames.settings(Map.of("acks", "-1"))).containsEntry("acks", "-1");
        assertThatThrownBy(() -> KafkaFrames.settings(Map.of("acks", "1"))).hasMessage("acks: want all, got 1");
        assertThatThrownBy(() -> KafkaFrames.settings(Map.of("enable.idempotence", "false")))
                .hasMessage("enable.idempotence: want true, got false");
    }
}
