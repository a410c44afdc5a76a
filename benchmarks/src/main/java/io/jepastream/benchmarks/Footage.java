package io.jepastream.benchmarks;

import io.jepastream.ingest.media.Picture;
import io.jepastream.ingest.media.PictureEncoder;
import io.jepastream.ingest.wire.Frame;
import io.jepastream.ingest.wire.ImageEncoding;
import java.nio.ByteBuffer;
import java.util.Random;

/** A picture as ingest makes them, 455 x 256, and frames that carry it. */
final class Footage {
    static final int WIDTH = 455;
    static final int HEIGHT = 256;

    private static final int ROUGHNESS = 24;

    private Footage() {}

    /** A slope with some noise, planar RGB: about as many bytes of JPEG as a street. */
    static Picture picture() {
        Random random = new Random(1);
        byte[] planes = new byte[3 * WIDTH * HEIGHT];
        for (int i = 0; i < planes.length; i++) {
            int x = i % WIDTH;
            int y = i / WIDTH % HEIGHT;
            planes[i] = (byte) (x / 4 + y / 4 + random.nextInt(ROUGHNESS));
        }
        return new Picture(WIDTH, HEIGHT, planes);
    }

    static byte[] jpeg() {
        try (PictureEncoder encoder = new PictureEncoder(ImageEncoding.JPEG, PictureEncoder.DEFAULT_QUALITY)) {
            return encoder.encode(picture());
        }
    }

    static Frame frame(byte[] jpeg, long sequence, long micros) {
        return Frame.newBuilder()
                .setCamera("camera-01")
                .setSession(1)
                .setSequence(sequence)
                .setCapturedAt(micros)
                .setWidth(WIDTH)
                .setHeight(HEIGHT)
                .setEncoding(ImageEncoding.JPEG)
                .setData(ByteBuffer.wrap(jpeg))
                .build();
    }
}
