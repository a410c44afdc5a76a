package io.jepastream.ingest.clip;

import org.jspecify.annotations.Nullable;

/** One camera at work: its name, its store, where its windows go, and its state. */
final class Run {
    private final String camera;
    private final CameraStore store;
    private final ClipSink sink;
    private @Nullable CameraState state;

    Run(String camera, CameraStore store, ClipSink sink, @Nullable CameraState state) {
        this.camera = camera;
        this.store = store;
        this.sink = sink;
        this.state = state;
    }

    String camera() {
        return camera;
    }

    CameraStore store() {
        return store;
    }

    ClipSink sink() {
        return sink;
    }

    boolean isNew() {
        return state == null;
    }

    CameraState state() {
        if (state == null) {
            throw new IllegalStateException("camera %s has no state yet".formatted(camera));
        }
        return state;
    }

    /** Starts an empty run of time in this session. */
    void begin(long session) {
        state = new CameraState(session);
    }
}
