package io.jepastream.ingest.camera;

/**
 * A camera at one instant.
 *
 * @param camera its id
 * @param source its address, without credentials
 * @param state what it is doing
 * @param frames records with a picture handed on so far
 * @param ticks records without a picture handed on so far
 * @param shed sampled frames dropped because the way on was full
 * @param decodeErrors pictures that could not be decoded
 * @param reconnects attempts to open the source after the first one
 * @param failed whether it ended by an error: only then is an ended camera's last error its end
 * @param lastError the latest thing that went wrong, without credentials; empty when nothing did
 */
public record CameraStatus(
        String camera,
        String source,
        CameraState state,
        long frames,
        long ticks,
        long shed,
        long decodeErrors,
        long reconnects,
        boolean failed,
        String lastError) {}
