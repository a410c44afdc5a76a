package io.jepastream.ingest.clip;

import io.jepastream.ingest.wire.Frame;
import java.util.Optional;

/** Where the assembler keeps what it knows of one camera between frames. */
interface CameraStore {
    /** Key of the picture that waits for a jump in time to be confirmed; no slot has this number. */
    long SUSPECT = Long.MIN_VALUE;

    /** The camera's state, if it was seen before. */
    Optional<CameraState> state();

    void save(CameraState state);

    void putPicture(long slot, Frame frame);

    Optional<Frame> picture(long slot);

    void deletePicture(long slot);
}
