package io.jepastream.ingest.clip;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;

/** What the assembler remembers of one camera beside its pictures: a few hundred bytes. */
final class CameraState {
    private static final int VERSION = 1;

    /** The capture session; smaller ones are stale. */
    long session;

    /** Whether the session's end was seen. */
    boolean ended;

    /** Largest event time of this run of time, epoch microseconds. */
    long watermark;

    /** The window that is emitted next. */
    long nextWindow;

    /** Whether a frame far off the watermark waits for a second one to confirm that time has jumped. */
    boolean suspicious;

    /** Event time of that frame, epoch microseconds. */
    long suspectAt;

    /** Slots that windows still open may use, and what fell into them. */
    final TreeMap<Long, SlotMark> marks = new TreeMap<>();

    CameraState(long session) {
        this.session = session;
    }

    SlotMark mark(long slot) {
        return marks.computeIfAbsent(slot, s -> new SlotMark());
    }

    byte[] toBytes() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(VERSION);
            out.writeLong(session);
            out.writeBoolean(ended);
            out.writeLong(watermark);
            out.writeLong(nextWindow);
            out.writeBoolean(suspicious);
            out.writeLong(suspectAt);
            out.writeInt(marks.size());
            for (Map.Entry<Long, SlotMark> mark : marks.entrySet()) {
                out.writeLong(mark.getKey());
                mark.getValue().write(out);
            }
        } catch (IOException e) {
            throw new IllegalStateException("writing a camera's state to memory failed", e);
        }
        return bytes.toByteArray();
    }

    static CameraState of(byte[] bytes) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            int version = in.readUnsignedByte();
            if (version != VERSION) {
                throw new IllegalStateException("camera state: want version %d, got %d: written by another release"
                        .formatted(VERSION, version));
            }
            CameraState state = new CameraState(in.readLong());
            state.ended = in.readBoolean();
            state.watermark = in.readLong();
            state.nextWindow = in.readLong();
            state.suspicious = in.readBoolean();
            state.suspectAt = in.readLong();
            for (int left = in.readInt(); left > 0; left--) {
                long slot = in.readLong();
                state.marks.put(slot, SlotMark.read(in));
            }
            return state;
        } catch (IOException e) {
            throw new IllegalStateException("camera state: %d bytes end too early".formatted(bytes.length), e);
        }
    }
}
