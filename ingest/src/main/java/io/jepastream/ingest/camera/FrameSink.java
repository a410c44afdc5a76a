package io.jepastream.ingest.camera;

import io.jepastream.ingest.wire.Frame;

/** Where the records of cameras go. Called by many threads, by one at a time for each camera, in its order. */
@FunctionalInterface
public interface FrameSink {
    /**
     * Takes one record over; may block while the way on is full.
     *
     * @throws InterruptedException when the camera is being closed and time is up
     */
    void accept(Frame frame) throws InterruptedException;
}
