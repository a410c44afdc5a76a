package io.jepastream.encoder.checkpoint;

import io.jepastream.encoder.tensor.Dtype;
import io.jepastream.encoder.tensor.HostTensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/** A tensor of a torch file, checked against its storage; its bytes are read when asked for. */
public final class TorchTensor {
    private static final long MAX_EXPANDED_BYTES = 64L << 20;
    private static final long MAX_GATHERED_BYTES = 256L << 20; // of all tensors of a small file

    private final FileBytes file;
    private final String name;
    private final TensorView view;
    private final ZipRecords.Range storage;
    private final long elements;
    private final AtomicLong room;
    private final AtomicBoolean counted = new AtomicBoolean();

    /**
     * Checks the view.
     *
     * @param name where in the file's values it stands, for errors
     * @param storage the bytes of its storage
     * @param room bytes that tensors which do not lie in the file as they are may still take, all of the file together
     */
    TorchTensor(FileBytes file, String name, TensorView view, ZipRecords.Range storage, AtomicLong room)
            throws CheckpointException {
        this.file = file;
        this.name = name;
        this.view = view;
        this.storage = storage;
        this.room = room;
        this.elements = checked();
    }

    /** What such tensors of a file may take: as much as the file, so that a small one cannot ask for all of the memory. */
    static long roomOf(long fileBytes) {
        return Math.max(fileBytes, MAX_GATHERED_BYTES);
    }

    private long checked() throws CheckpointException {
        if (view.sizes().size() != view.strides().size()) {
            throw bad(
                    "want a stride for each side, got sizes %s and strides %s".formatted(view.sizes(), view.strides()));
        }
        long count = 1;
        long last = view.offset();
        long available = view.storage().elements();
        try {
            for (int i = 0; i < view.sizes().size(); i++) {
                count = Math.multiplyExact(count, view.sizes().get(i));
                last = Math.addExact(
                        last,
                        Math.multiplyExact(
                                Math.max(0, view.sizes().get(i) - 1),
                                view.strides().get(i)));
            }
        } catch (ArithmeticException e) {
            throw bad(
                    "want a size within 64 bits, got sizes %s and strides %s".formatted(view.sizes(), view.strides()));
        }
        if (count > 0 && last >= available) {
            throw bad("view: want it inside its storage of %d elements, got offset %d, sizes %s, strides %s"
                    .formatted(available, view.offset(), view.sizes(), view.strides()));
        }
        long limit = Math.max(storage.bytes(), MAX_EXPANDED_BYTES) / dtype().bytes();
        if (count > limit) {
            throw bad("view: want at most %d elements over a storage of %d, got sizes %s, strides %s"
                    .formatted(limit, available, view.sizes(), view.strides()));
        }
        return count;
    }

    public Dtype dtype() {
        return view.storage().dtype();
    }

    /** Sides; none for a scalar. */
    public long[] shape() {
        return view.sizes().stream().mapToLong(Long::longValue).toArray();
    }

    /**
     * The values in row-major order: mapped from the file where they lie so, gathered otherwise.
     *
     * @throws IOException if the file cannot be read, the tensor is over 2 GiB, or gathering takes too much memory
     */
    public HostTensor read() throws IOException {
        int width = dtype().bytes();
        if (elements == 0) {
            return HostTensor.over(dtype(), ByteBuffer.allocate(0), shape());
        }
        long start = storage.start() + view.offset() * width;
        if (isRowMajor()) {
            return HostTensor.over(dtype(), file.map(start, elements * width, name), shape());
        }
        if (elements * width > Integer.MAX_VALUE) {
            throw bad("want at most 2 GiB, got %d bytes".formatted(elements * width));
        }
        if (counted.compareAndSet(false, true) && room.addAndGet(-elements * width) < 0) {
            throw bad("want strided and repeated tensors of at most %d bytes together, got more"
                    .formatted(roomOf(file.size())));
        }
        long span = 1;
        for (int i = 0; i < view.sizes().size(); i++) {
            span += (view.sizes().get(i) - 1) * view.strides().get(i);
        }
        ByteBuffer in = file.map(start, span * width, name);
        ByteBuffer out = ByteBuffer.allocate((int) (elements * width)).order(ByteOrder.LITTLE_ENDIAN);
        gather(in, out, 0, 0);
        return HostTensor.over(dtype(), out.flip(), shape());
    }

    private boolean isRowMajor() {
        long step = 1;
        List<Long> sizes = view.sizes();
        for (int i = sizes.size() - 1; i >= 0; i--) {
            if (sizes.get(i) > 1 && view.strides().get(i) != step) {
                return false;
            }
            step *= sizes.get(i);
        }
        return true;
    }

    private void gather(ByteBuffer in, ByteBuffer out, int side, long at) {
        int width = dtype().bytes();
        if (side == view.sizes().size()) {
            out.put(out.position(), in, (int) at * width, width);
            out.position(out.position() + width);
            return;
        }
        for (long i = 0; i < view.sizes().get(side); i++) {
            gather(in, out, side + 1, at + i * view.strides().get(side));
        }
    }

    CheckpointException bad(String what) {
        return file.bad("tensor '%s': %s".formatted(name, what));
    }

    @Override
    public String toString() {
        return dtype() + view.sizes().toString();
    }
}
