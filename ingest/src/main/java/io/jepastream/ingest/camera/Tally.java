package io.jepastream.ingest.camera;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/** What a camera counts, and its state; shown in the metrics as long as the camera is there. */
final class Tally {
    final LongAdder frames = new LongAdder();
    final LongAdder ticks = new LongAdder();
    final LongAdder shed = new LongAdder();
    final LongAdder decodeErrors = new LongAdder();
    final LongAdder reconnects = new LongAdder();
    volatile CameraState state = CameraState.CONNECTING;
    volatile boolean failed;
    volatile String lastError = "";

    /** Registers the meters; the caller removes them. */
    List<Meter> register(MeterRegistry registry, String camera) {
        return List.of(
                counter(registry, "jepastream.frames.produced", camera, frames),
                counter(registry, "jepastream.frames.shed", camera, shed),
                counter(registry, "jepastream.decode.errors", camera, decodeErrors),
                counter(registry, "jepastream.camera.reconnects", camera, reconnects),
                Gauge.builder("jepastream.camera.state", this, tally -> tally.state.code())
                        .description("0 connecting, 1 live, 2 stalled, 3 ended")
                        .tag("camera", camera)
                        .register(registry));
    }

    private static Meter counter(MeterRegistry registry, String name, String camera, LongAdder adder) {
        return FunctionCounter.builder(name, adder, LongAdder::doubleValue)
                .tag("camera", camera)
                .register(registry);
    }

    CameraStatus status(CameraConfig config) {
        return new CameraStatus(
                config.id(),
                config.url().toString(),
                state,
                frames.sum(),
                ticks.sum(),
                shed.sum(),
                decodeErrors.sum(),
                reconnects.sum(),
                failed,
                lastError);
    }
}
