package io.jepastream.ingest.clip;

import io.jepastream.ingest.wire.Frame;
import io.jepastream.ingest.wire.WireException;
import java.util.HashMap;
import java.util.Map;

/** The assembler without Kafka: frames of any number of cameras in, the clips and gaps that the stream would write out. */
public final class OfflineClips {
    private final ClipAssembler assembler;
    private final ClipSink sink;
    private final Map<String, MemoryCameraStore> cameras = new HashMap<>();

    /**
     * An assembler with empty state.
     *
     * @param config how windows lie
     * @param sink takes the windows in order
     */
    public OfflineClips(ClipConfig config, ClipSink sink) {
        this.assembler = new ClipAssembler(config);
        this.sink = sink;
    }

    /**
     * Takes the next frame of its camera.
     *
     * @return what became of it
     * @throws WireException if the frame says something it may not say
     */
    public Verdict accept(Frame frame) throws WireException {
        CameraStore store = cameras.computeIfAbsent(frame.getCamera(), camera -> new MemoryCameraStore());
        return assembler.accept(frame, store, sink);
    }
}
