package io.jepastream.ingest.clip;

import io.jepastream.ingest.media.PictureException;
import io.jepastream.ingest.media.PictureHeader;
import io.jepastream.ingest.wire.Frame;
import io.jepastream.ingest.wire.Topics;
import io.jepastream.ingest.wire.Wire;
import io.jepastream.ingest.wire.WireException;

/** What a frame must be before it may touch a camera's state. */
final class FrameCheck {
    private static final int LONGEST_CAMERA = 256;
    private static final int ROOM_FOR_THE_REST = 64 << 10; // of a clip beside its pictures

    private final int mostBytes;
    private final int mostPixels;

    FrameCheck(int slots) {
        mostBytes = (Topics.MAX_RECORD_BYTES - ROOM_FOR_THE_REST) / slots;
        mostPixels = PictureHeader.MAX_CLIP_PIXELS / slots;
    }

    void check(Frame frame) throws WireException {
        String camera = frame.getCamera();
        if (camera.isEmpty() || camera.length() > LONGEST_CAMERA || camera.indexOf('\0') >= 0) {
            throw new WireException("camera: want 1 to %d characters and no NUL, got %d characters"
                    .formatted(LONGEST_CAMERA, camera.length()));
        }
        if (frame.getShed() < 0 || frame.getDecodeErrors() < 0) {
            throw new WireException("shed, decode_errors: want 0 or more, got %d, %d"
                    .formatted(frame.getShed(), frame.getDecodeErrors()));
        }
        if (frame.getData().hasRemaining()) {
            checkPicture(frame);
        }
    }

    private void checkPicture(Frame frame) throws WireException {
        byte[] picture = Wire.bytes(frame.getData());
        try {
            PictureHeader.check(frame.getEncoding(), picture, frame.getWidth(), frame.getHeight());
        } catch (PictureException e) {
            throw new WireException(String.valueOf(e.getMessage()), e);
        }
        if (frame.getWidth() * frame.getHeight() > mostPixels) {
            throw new WireException(
                    ("picture of camera %s: want at most %d pixels, so that a clip fits into memory, got %dx%d: use a"
                                    + " smaller --short-side")
                            .formatted(frame.getCamera(), mostPixels, frame.getWidth(), frame.getHeight()));
        }
        if (picture.length > mostBytes) {
            throw new WireException(("picture of camera %s: want at most %d bytes, so that a clip fits into one record,"
                            + " got %d: use JPEG, or a smaller --short-side")
                    .formatted(frame.getCamera(), mostBytes, picture.length));
        }
    }
}
