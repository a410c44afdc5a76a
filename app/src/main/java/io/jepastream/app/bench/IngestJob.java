package io.jepastream.app.bench;

import io.jepastream.ingest.camera.CameraConfig;
import io.jepastream.ingest.camera.FrameRate;
import io.jepastream.ingest.media.SourceUrl;
import io.jepastream.ingest.wire.ImageEncoding;
import java.nio.file.Path;

/**
 * What ingest has to do with a file.
 *
 * @param file the video
 * @param rate at most so many frames of a second are kept
 * @param shortSide of the pictures, pixels; 0 keeps the file's size
 * @param quality of the JPEGs, 1 to 100
 * @param passes how many times the file is read in one measurement, 1 or more
 */
public record IngestJob(Path file, FrameRate rate, int shortSide, int quality, int passes) {
    /** Checks. */
    public IngestJob {
        if (passes < 1) {
            throw new IllegalArgumentException("--passes: want 1 or more, got " + passes);
        }
    }

    /** The camera that does it, as fast as it can. */
    CameraConfig camera() {
        return CameraConfig.builder("bench", SourceUrl.parse(file.toString()))
                .rate(rate)
                .shortSide(shortSide)
                .encoding(ImageEncoding.JPEG, quality)
                .build();
    }
}
