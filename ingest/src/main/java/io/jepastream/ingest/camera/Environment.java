package io.jepastream.ingest.camera;

import io.jepastream.ingest.media.FrameSource;
import io.jepastream.ingest.media.LibavSource;
import io.jepastream.ingest.media.SourceUrl;
import io.jepastream.ingest.synth.SyntheticSettings;
import io.jepastream.ingest.synth.SyntheticSource;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * The world around cameras, so that tests can bring their own.
 *
 * @param micros the wall clock, epoch microseconds, that never goes back
 * @param sources opens nothing yet, makes the source of a camera
 * @param backoff how long to wait between attempts
 * @param abandonAfter how long a native call may outlive its deadline before its thread is given up
 */
record Environment(
        LongSupplier micros, Function<CameraConfig, FrameSource> sources, Backoff backoff, Duration abandonAfter) {

    /** The real world. */
    static Environment real() {
        long wall = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
        long nanos = System.nanoTime();
        // Anchored once: a wall clock that is set back must not send the cameras back.
        LongSupplier micros = () -> wall + (System.nanoTime() - nanos) / 1000;
        return new Environment(micros, Environment::source, Backoff.DEFAULT, Duration.ofSeconds(10));
    }

    static FrameSource source(CameraConfig config) {
        return config.url().kind() == SourceUrl.Kind.SYNTH
                ? new SyntheticSource(SyntheticSettings.parse(config.url().target()), InstantSource.system())
                : LibavSource.of(config.url(), config.options());
    }
}
