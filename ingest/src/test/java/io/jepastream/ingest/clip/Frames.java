package io.jepastream.ingest.clip;

import io.jepastream.ingest.wire.Frame;
import io.jepastream.ingest.wire.ImageEncoding;
import java.nio.ByteBuffer;

/** Frames for tests: one builder of test data. */
final class Frames {
    static final long SECOND = 1_000_000;

    private Frames() {}

    static Frame at(String camera, long session, long sequence, long micros) {
        byte[] rgb = new byte[16 * 16 * 3];
        ByteBuffer.wrap(rgb).putLong(micros).putLong(sequence).putLong(session);
        return builder(camera, session, sequence, micros)
                .setWidth(16)
                .setHeight(16)
                .setEncoding(ImageEncoding.RGB24)
                .setData(ByteBuffer.wrap(rgb))
                .build();
    }

    static Frame tick(String camera, long session, long micros) {
        return builder(camera, session, 0, micros).build();
    }

    static Frame end(String camera, long session, long micros) {
        return builder(camera, session, 0, micros).setEndOfStream(true).build();
    }

    static Frame.Builder builder(String camera, long session, long sequence, long micros) {
        return Frame.newBuilder()
                .setCamera(camera)
                .setSession(session)
                .setSequence(sequence)
                .setCapturedAt(micros)
                .setEncoding(ImageEncoding.UNKNOWN);
    }
}
