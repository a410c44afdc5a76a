package io.jepastream.app.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.apache.kafka.streams.errors.ProcessorStateException;
import org.apache.kafka.streams.errors.StreamsException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalStateTest {
    @TempDir
    Path directory;

    @Test
    void errorOfAStore_isRemembered_untilTheNextStart() {
        LocalState state = new LocalState(directory.resolve("new"));

        assertThat(state.distrustIfBroken(new StreamsException("task", new ProcessorStateException("store"))))
                .isTrue();
        assertThat(new LocalState(directory.resolve("new")).isDistrusted()).isTrue();

        state.trust();
        assertThat(state.isDistrusted()).isFalse();
    }

    @Test
    void otherErrors_saveTheStores() {
        LocalState state = new LocalState(directory);

        assertThat(state.distrustIfBroken(new StreamsException("broker"))).isFalse();
        assertThat(state.isDistrusted()).isFalse();
    }
}
