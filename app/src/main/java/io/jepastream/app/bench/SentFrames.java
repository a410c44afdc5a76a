package io.jepastream.app.bench;

import io.jepastream.ingest.clip.ClipConfig;
import java.util.Map;
import java.util.NavigableMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;

/** When each frame was captured and sent, which is the same instant here; written by one thread, read by another. */
final class SentFrames {
    private final Map<String, NavigableMap<Long, Long>> cameras = new ConcurrentHashMap<>();
    private final long latenessMicros;

    SentFrames(ClipConfig clips) {
        latenessMicros = clips.lateness().toNanos() / 1000;
    }

    /**
     * Remembers a frame.
     *
     * @param capturedAt epoch microseconds
     * @param nanos the same instant, by {@link System#nanoTime}
     */
    void sent(String camera, long capturedAt, long nanos) {
        cameras.computeIfAbsent(camera, unseen -> new ConcurrentSkipListMap<>()).put(capturedAt, nanos);
    }

    /** When the last frame of a clip with this end was captured, by {@link System#nanoTime}. */
    long lastOf(String camera, long end) {
        return of(camera).lowerEntry(end).getValue();
    }

    /** When the frame was sent that closed the clip: the first that is later than its end by the lateness. */
    long closing(String camera, long end) {
        return of(camera).ceilingEntry(end + latenessMicros).getValue();
    }

    private NavigableMap<Long, Long> of(String camera) {
        NavigableMap<Long, Long> frames = cameras.get(camera);
        if (frames == null) {
            throw new IllegalArgumentException("want a camera that has sent frames, got " + camera);
        }
        return frames;
    }
}
