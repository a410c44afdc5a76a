package io.jepastream.ingest.clip;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.jepastream.ingest.wire.Frame;
import io.jepastream.ingest.wire.Wire;
import io.jepastream.ingest.wire.WireException;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueStore;

/** A camera's state in the two stores of the topology. */
final class KafkaCameraStore implements CameraStore {
    private final String camera;
    private final byte[] prefix;
    private final KeyValueStore<String, byte[]> cameras;
    private final KeyValueStore<Bytes, byte[]> pictures;
    private final Wire<Frame> wire;

    KafkaCameraStore(
            String camera,
            KeyValueStore<String, byte[]> cameras,
            KeyValueStore<Bytes, byte[]> pictures,
            Wire<Frame> wire) {
        this.camera = camera;
        this.prefix = camera.getBytes(UTF_8);
        this.cameras = cameras;
        this.pictures = pictures;
        this.wire = wire;
    }

    @Override
    public Optional<CameraState> state() {
        return Optional.ofNullable(cameras.get(camera)).map(CameraState::of);
    }

    @Override
    public void save(CameraState state) {
        cameras.put(camera, state.toBytes());
    }

    @Override
    public void putPicture(long slot, Frame frame) {
        pictures.put(key(slot), wire.write(frame));
    }

    @Override
    public Optional<Frame> picture(long slot) {
        return Optional.ofNullable(pictures.get(key(slot))).map(this::read);
    }

    @Override
    public void deletePicture(long slot) {
        pictures.delete(key(slot));
    }

    private Frame read(byte[] bytes) {
        try {
            return wire.read(bytes);
        } catch (WireException e) {
            throw new IllegalStateException("the picture store of camera %s holds no frame".formatted(camera), e);
        }
    }

    /** Camera, a zero byte, the slot: cameras' names hold no zero byte, so keys of two cameras never meet. */
    private Bytes key(long slot) {
        return Bytes.wrap(ByteBuffer.allocate(prefix.length + 1 + Long.BYTES)
                .put(prefix)
                .put((byte) 0)
                .putLong(slot)
                .array());
    }
}
