package io.jepastream.ingest.camera;

/** What a camera is doing. */
public enum CameraState {
    /** Opening its source, or waiting to try again. */
    CONNECTING(0),
    /** Delivering frames. */
    LIVE(1),
    /** Connected, but nothing has come for a while. */
    STALLED(2),
    /** Its file ended, it failed for good, or it was closed. */
    ENDED(3);

    private final int code;

    CameraState(int code) {
        this.code = code;
    }

    /** Returns the number that stands for it in the metrics, 0 to 3. */
    public int code() {
        return code;
    }
}
