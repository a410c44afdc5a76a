package io.jepastream.encoder;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * Where clips are put together for the device: outside of the JVM's heap, so that the engine need not copy them once more. Used by
 * the thread of one device.
 */
final class PixelBatch {
    private final int size;
    private ByteBuffer room = ByteBuffer.allocateDirect(0);

    /** Batches of always so many clips. */
    PixelBatch(int size) {
        this.size = size;
    }

    /**
     * Puts clips of one form into a batch and fills it with black.
     *
     * @param clips at most a batch of them
     * @return uint8 {@code [size, 3, T, S, S]}; on a CPU it reads this very room, so it is over with the next call
     */
    NDArray put(NDManager scope, List<PixelClip> clips) {
        PixelClip first = clips.get(0);
        ByteBuffer pixels = empty(Math.multiplyExact(first.length(), size));
        clips.forEach(clip -> clip.copyTo(pixels));
        while (pixels.hasRemaining()) {
            pixels.put((byte) 0);
        }
        Shape shape = new Shape(size, 3, first.frames(), first.size(), first.size());
        return scope.create(pixels.flip(), shape, DataType.UINT8);
    }

    private ByteBuffer empty(int bytes) {
        if (room.capacity() < bytes) {
            room = ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
        }
        return room.clear().limit(bytes);
    }
}
