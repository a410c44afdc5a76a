package io.jepastream.ingest.clip;

import io.jepastream.ingest.wire.Frame;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A camera's state on the heap: the offline path, and the reference model in tests. */
final class MemoryCameraStore implements CameraStore {
    private final Map<Long, Frame> pictures = new HashMap<>();
    private @Nullable CameraState state;

    @Override
    public Optional<CameraState> state() {
        return Optional.ofNullable(state);
    }

    @Override
    public void save(CameraState newState) {
        state = newState;
    }

    @Override
    public void putPicture(long slot, Frame frame) {
        pictures.put(slot, frame);
    }

    @Override
    public Optional<Frame> picture(long slot) {
        return Optional.ofNullable(pictures.get(slot));
    }

    @Override
    public void deletePicture(long slot) {
        pictures.remove(slot);
    }

    int pictures() {
        return pictures.size();
    }
}
