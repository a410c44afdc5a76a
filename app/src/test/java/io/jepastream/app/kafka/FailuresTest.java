package io.jepastream.app.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.jepastream.encoder.stream.BrokenModelException;
import io.jepastream.encoder.stream.SlowModelException;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.streams.errors.StreamsException;
import org.junit.jupiter.api.Test;

class FailuresTest {
    private final AtomicLong now = new AtomicLong();
    private final Failures failures = new Failures(now::get);

    @Test
    void threadsAreReplaced_aFewTimesInAWhile() {
        StreamsException error = new StreamsException("a broker was away");
        for (int i = 0; i < Failures.MOST_REPLACED; i++) {
            assertThat(failures.mayGoOn(error)).isTrue();
        }
        assertThat(failures.mayGoOn(error)).isFalse();
        now.addAndGet(Failures.WITHIN.toNanos() + 1);
        assertThat(failures.mayGoOn(error)).isTrue();
    }

    @Test
    void brokenDevice_endsTheStageAtOnce_inItsOwnWords() {
        StreamsException error = new StreamsException(
                "Exception caught in process",
                new BrokenModelException("the model is broken: no device", new Error("CUDA")));
        assertThat(failures.mayGoOn(error)).isFalse();
        assertThat(Failures.inWords(error)).isEqualTo("the model is broken: no device");
        assertThat(failures.mayGoOn(new OutOfMemoryError("heap"))).isFalse();
    }

    /** A call of a minute makes all sixteen threads of a GPU's stage give up at once. */
    @Test
    void slowModel_isNoFailure() {
        StreamsException error = new StreamsException(
                "Exception caught in process",
                new SlowModelException("longer than 50 s", new java.util.concurrent.TimeoutException()));
        for (int i = 0; i < 16; i++) {
            assertThat(failures.mayGoOn(error)).isTrue();
        }
    }

    @Test
    void otherErrors_areToldWithWhereTheyBegan() {
        Throwable error = new StreamsException("in process", new IllegalStateException("the disk is gone"));
        assertThat(Failures.inWords(error)).contains("in process").endsWith("IllegalStateException: the disk is gone");
    }
}
