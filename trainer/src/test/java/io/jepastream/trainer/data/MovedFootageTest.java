package io.jepastream.trainer.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jepastream.ingest.media.Picture;
import io.jepastream.ingest.media.VideoWriter;
import io.jepastream.ingest.synth.CameraMotion;
import io.jepastream.ingest.synth.MotionScene;
import io.jepastream.ingest.synth.Surface;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MovedFootageTest {
    private static final int FPS = 8;
    private static final int MOST_SHIFT = 30;

    @TempDir
    private Path directory;

    private Path recording(double seconds) throws IOException {
        Path file = directory.resolve("standing.mp4");
        MotionScene scene = MotionScene.of(CameraMotion.STATIC, 4, Surface.GRAIN);
        try (VideoWriter writer = VideoWriter.open(file, VideoWriter.Settings.h264(FPS, 4_000_000), 320, 240)) {
            for (int i = 0; i < seconds * FPS; i++) {
                writer.write(scene.render(i / (double) FPS, 320, 240));
            }
            writer.finish();
        }
        return file;
    }

    private List<Picture> moved(Path dir, CameraMotion motion, String file) throws IOException {
        Path video = dir.resolve(MovedFootage.folder(motion)).resolve(file);
        return FrameCache.none(0).frames(video, new int[] {0, 8, 15});
    }

    /** By how many pixels the middle of a picture is found elsewhere in another one, by least squares. */
    private static int shift(Picture from, Picture to, boolean across) {
        long least = Long.MAX_VALUE;
        int best = 0;
        for (int shift = -MOST_SHIFT; shift <= MOST_SHIFT; shift++) {
            long sum = 0;
            for (int y = MOST_SHIFT; y < from.height() - MOST_SHIFT; y++) {
                for (int x = MOST_SHIFT; x < from.width() - MOST_SHIFT; x++) {
                    int other = across ? y * to.width() + x + shift : (y + shift) * to.width() + x;
                    int d = (from.planes()[y * from.width() + x] & 0xFF) - (to.planes()[other] & 0xFF);
                    sum += (long) d * d;
                }
            }
            if (sum < least) {
                least = sum;
                best = shift;
            }
        }
        return best;
    }

    @Test
    void whatIsSeen_movesAgainstTheCamera() throws Exception {
        Path dir = directory.resolve("moved");
        MovedFootage footage = new MovedFootage(new MovedFootage.Settings(96, 96, 2, FPS, 1));
        assertThat(footage.write(recording(5), "road", dir))
                .as("stretches of 2 s in 5 s")
                .isEqualTo(2);

        VideoSet all = VideoSet.of(dir);
        assertThat(all.videos()).hasSize(2 * CameraMotion.values().length);
        for (String file : List.of("road-0000.mp4", "road-0001.mp4")) {
            for (CameraMotion motion : CameraMotion.values()) {
                List<Picture> seen = moved(dir, motion, file);
                int across = shift(seen.get(0), seen.get(1), true);
                int down = shift(seen.get(0), seen.get(1), false);
                switch (motion) {
                    case PAN_LEFT ->
                        assertThat(across).as("%s %s", motion, file).isPositive();
                    case PAN_RIGHT ->
                        assertThat(across).as("%s %s", motion, file).isNegative();
                    case TILT_UP -> assertThat(down).as("%s %s", motion, file).isPositive();
                    case TILT_DOWN -> assertThat(down).as("%s %s", motion, file).isNegative();
                    case STATIC -> assertThat(List.of(across, down)).containsOnly(0);
                    default ->
                        assertThat(seen.get(0).planes())
                                .isNotEqualTo(seen.get(2).planes());
                }
            }
        }
    }

    @Test
    void aZoom_growsOrShrinksWhatIsSeen() throws Exception {
        Path dir = directory.resolve("moved");
        new MovedFootage(new MovedFootage.Settings(96, 96, 2, FPS, 1)).write(recording(2), "road", dir);
        // Seen wide, pixels differ more from their neighbours than seen near.
        List<Picture> in = moved(dir, CameraMotion.ZOOM_IN, "road-0000.mp4");
        List<Picture> out = moved(dir, CameraMotion.ZOOM_OUT, "road-0000.mp4");
        assertThat(roughness(in.get(0))).isGreaterThan(roughness(in.get(2)));
        assertThat(roughness(out.get(0))).isLessThan(roughness(out.get(2)));
    }

    private static double roughness(Picture picture) {
        long sum = 0;
        for (int i = 1; i < picture.width() * picture.height(); i++) {
            sum += Math.abs((picture.planes()[i] & 0xFF) - (picture.planes()[i - 1] & 0xFF));
        }
        return sum;
    }

    @Test
    void theSameSeed_givesTheSame_andAShortRecordingNothing() throws Exception {
        MovedFootage footage = new MovedFootage(new MovedFootage.Settings(64, 48, 1, FPS, 7));
        Path recording = recording(1);
        assertThat(footage.write(recording, "a", directory.resolve("one"))).isEqualTo(1);
        assertThat(footage.write(recording, "a", directory.resolve("two"))).isEqualTo(1);
        String file = "roll/a-0000.mp4";
        assertThat(directory.resolve("one").resolve(file))
                .hasSameBinaryContentAs(directory.resolve("two").resolve(file));
        MovedFootage longer = new MovedFootage(new MovedFootage.Settings(64, 48, 3, FPS, 7));
        assertThat(longer.write(recording, "a", directory.resolve("three"))).isZero();
    }

    @Test
    void whatCannotBe_isRefused() throws Exception {
        assertThatThrownBy(() -> new MovedFootage.Settings(64, 48, 4, FPS, 0))
                .hasMessageContaining("seconds: want 0.5 to 3, got 4.0");
        assertThatThrownBy(() -> new MovedFootage.Settings(63, 48, 1, FPS, 0)).hasMessageContaining("got 63x48");
        Path text = Files.writeString(directory.resolve("no.mp4"), "no video");
        MovedFootage footage = new MovedFootage(new MovedFootage.Settings(64, 48, 1, FPS, 7));
        assertThatThrownBy(() -> footage.write(text, "no", directory.resolve("out")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("no.mp4");
    }
}
