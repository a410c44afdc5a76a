package io.jepastream.app.bench;

import io.jepastream.ingest.media.Picture;
import io.jepastream.ingest.media.SourceException;
import io.jepastream.ingest.media.VideoWriter;
import io.jepastream.ingest.synth.SyntheticSettings;
import io.jepastream.ingest.synth.SyntheticSource;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/** A video for benchmarks: H.264 of a generated camera that pans, turns and shakes. */
public final class SyntheticVideo {
    private static final int FPS = 30;
    private static final int SCENE = 2; // seconds that are rendered; they play forward and back
    private static final int BITS_OF_A_PIXEL = 4;

    private SyntheticVideo() {}

    /**
     * Writes a video.
     *
     * @param size width and height in pixels, even, such as {@code 1280x720}
     * @param seconds its length, 1 or more
     */
    public static void write(Path file, String size, int seconds) throws IOException {
        SyntheticSettings settings =
                SyntheticSettings.parse("tour,seed=1,fps=%d,duration=%d,size=%s".formatted(FPS, SCENE, size));
        List<Picture> scene = render(settings);
        int width = settings.width();
        int height = settings.height();
        VideoWriter.Settings coding = VideoWriter.Settings.h264(FPS, width * height * BITS_OF_A_PIXEL);
        try (VideoWriter writer = VideoWriter.open(file, coding, width, height)) {
            int turn = 2 * scene.size();
            for (int i = 0; i < seconds * FPS; i++) {
                int at = i % turn;
                writer.write(scene.get(at < scene.size() ? at : turn - 1 - at));
            }
            writer.finish();
        }
    }

    private static List<Picture> render(SyntheticSettings settings) throws IOException {
        List<Picture> scene = new ArrayList<>();
        try (SyntheticSource source = new SyntheticSource(settings, InstantSource.system())) {
            source.open();
            while (source.next()) {
                scene.add(source.picture(0));
            }
        } catch (SourceException e) {
            throw new IOException("the generated camera failed: " + e.getMessage(), e);
        }
        return scene;
    }
}
