package io.jepastream.trainer.data;

import io.jepastream.ingest.media.FrameSource;
import io.jepastream.ingest.media.LibavSource;
import io.jepastream.ingest.media.Picture;
import io.jepastream.ingest.media.PictureException;
import io.jepastream.ingest.media.SourceException;
import io.jepastream.ingest.media.SourceOptions;
import io.jepastream.ingest.media.SourceUrl;
import io.jepastream.ingest.media.VideoWriter;
import io.jepastream.ingest.synth.CameraMotion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * Recordings of cameras that stand still, cut into stretches and moved artificially: a window over each picture stays, pans,
 * tilts, zooms, rolls or trembles. {@code DIR/CLASS/VIDEO-STRETCH.mp4}, every stretch once for each {@link CameraMotion}:
 * labelled footage with real pictures, to judge a head by, or to train one.
 */
public final class MovedFootage {
    private static final String UNFINISHED = ".unfinished.mp4";
    /** How far a window may come from the middle, in parts of its longer side: half the picture's short side. */
    private static final double REACH = 0.45;

    private static final double SLOWEST = 0.08;
    private static final double FASTEST = 0.30;

    private final Settings settings;

    /**
     * What to make.
     *
     * @param width pixels, even, 32 to 1024
     * @param height pixels, even, 32 to 1024
     * @param seconds length of each video, 0.5 to 3: longer ones would leave the picture
     * @param fps frames per second, 1 to 60; a slower recording shows its pictures again
     * @param seed of speeds and directions
     */
    public record Settings(int width, int height, double seconds, int fps, long seed) {
        /** Checks. */
        public Settings {
            require(
                    width % 2 == 0
                            && height % 2 == 0
                            && Math.min(width, height) >= 32
                            && Math.max(width, height) <= 1024,
                    "size: want even sides from 32 to 1024 pixels, got %dx%d",
                    width,
                    height);
            require(seconds >= 0.5 && seconds <= 3, "seconds: want 0.5 to 3, got %s", seconds);
            require(fps >= 1 && fps <= 60, "fps: want 1 to 60, got %d", fps);
        }

        private static void require(boolean good, String message, Object... values) {
            if (!good) {
                throw new IllegalArgumentException(String.format(Locale.ROOT, message, values));
            }
        }

        int frames() {
            return (int) Math.max(2, Math.round(seconds * fps));
        }
    }

    /** A maker of such videos. */
    public MovedFootage(Settings settings) {
        this.settings = settings;
    }

    /** Name of a motion's folder: {@code pan-left}. */
    public static String folder(CameraMotion motion) {
        return motion.label().replace(' ', '-');
    }

    /**
     * Makes the videos of a recording; those of the same name are replaced.
     *
     * @param name for the files, which another recording in the same folder must not have
     * @return stretches, each of which became a video of each motion; 0 where the recording is shorter than one
     * @throws IOException if the recording cannot be read or a video not written
     */
    public int write(Path recording, String name, Path dir) throws IOException {
        int stretches = 0;
        List<Picture> pictures = new ArrayList<>();
        int shortSide = 2 * Math.max(settings.width(), settings.height());
        try (FrameSource source = LibavSource.of(SourceUrl.parse(recording.toString()), SourceOptions.DEFAULTS)) {
            source.open();
            while (source.next()) {
                long slot = (long) Math.floor(source.timeMicros() / 1e6 * settings.fps());
                long have = (long) stretches * settings.frames() + pictures.size();
                if (slot < have) {
                    continue;
                }
                Picture picture = source.picture(shortSide);
                for (; have <= slot; have++) {
                    pictures.add(picture);
                    if (pictures.size() == settings.frames()) {
                        stretch(pictures, name, stretches++, dir);
                        pictures.clear();
                    }
                }
            }
        } catch (SourceException | PictureException e) {
            throw new IOException("recording %s: %s".formatted(recording, e.getMessage()), e);
        }
        return stretches;
    }

    private void stretch(List<Picture> pictures, String name, int number, Path dir) throws IOException {
        for (CameraMotion motion : CameraMotion.values()) {
            long drawn = SampleOrder.mix(settings.seed(), name.hashCode());
            SplittableRandom random = new SplittableRandom(
                    SampleOrder.mix(drawn + number, motion.name().hashCode()));
            Path folder = Files.createDirectories(dir.resolve(folder(motion)));
            Path unfinished = dir.resolve(UNFINISHED);
            Window window = new Window(motion, random);
            int rate = settings.width() * settings.height() * settings.fps();
            try (VideoWriter writer = VideoWriter.open(
                    unfinished,
                    VideoWriter.Settings.h264(settings.fps(), Math.max(20_000, rate)),
                    settings.width(),
                    settings.height())) {
                for (int i = 0; i < pictures.size(); i++) {
                    double seconds = i / (double) settings.fps();
                    writer.write(seen(pictures.get(i), window.at(seconds - settings.seconds() / 2)));
                }
                writer.finish();
            }
            Files.move(
                    unfinished,
                    folder.resolve(String.format(Locale.ROOT, "%s-%04d.mp4", name, number)),
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /**
     * Where the window is.
     *
     * @param right of the middle, in parts of its longer side
     * @param down from the middle, likewise
     * @param zoom times its usual size
     * @param angle clockwise, radians
     */
    private record Place(double right, double down, double zoom, double angle) {}

    /** A window's way over the picture; in the middle at time 0. */
    private static final class Window {
        private final CameraMotion motion;
        private final double speed;
        private final double sign;
        private final double rate;
        private final double phase;

        Window(CameraMotion motion, SplittableRandom random) {
            this.motion = motion;
            this.speed = random.nextDouble(SLOWEST, FASTEST);
            this.sign = random.nextBoolean() ? 1 : -1;
            this.rate = random.nextDouble(2.5, 8);
            this.phase = random.nextDouble(2 * Math.PI);
        }

        Place at(double seconds) {
            double way = Math.max(-REACH, Math.min(REACH, speed * seconds));
            double wave = 2 * Math.PI * rate * seconds;
            return switch (motion) {
                case STATIC -> new Place(0, 0, 1, 0);
                case PAN_LEFT -> new Place(-way, 0, 1, 0);
                case PAN_RIGHT -> new Place(way, 0, 1, 0);
                case TILT_UP -> new Place(0, -way, 1, 0);
                case TILT_DOWN -> new Place(0, way, 1, 0);
                case ZOOM_IN -> new Place(0, 0, Math.exp(-way), 0);
                case ZOOM_OUT -> new Place(0, 0, Math.exp(way), 0);
                case ROLL -> new Place(0, 0, 1, 2 * sign * way);
                case SHAKE -> new Place(0.03 * Math.sin(wave), sign * 0.03 * Math.cos(0.8 * wave + phase), 1, 0);
            };
        }
    }

    private Picture seen(Picture from, Place place) {
        int width = settings.width();
        int height = settings.height();
        double side = Math.min(from.width(), from.height()) / 2.0;
        double scale = side * place.zoom() / Math.max(width, height);
        double cos = Math.cos(place.angle()) * scale;
        double sin = Math.sin(place.angle()) * scale;
        double middleX = (from.width() - 1) / 2.0 + side * place.right();
        double middleY = (from.height() - 1) / 2.0 + side * place.down();
        byte[] planes = new byte[3 * width * height];
        for (int y = 0, at = 0; y < height; y++) {
            double dy = y - (height - 1) / 2.0;
            for (int x = 0; x < width; x++, at++) {
                double dx = x - (width - 1) / 2.0;
                sample(from, middleX + cos * dx - sin * dy, middleY + sin * dx + cos * dy, planes, at);
            }
        }
        return new Picture(width, height, planes);
    }

    /** The three colours at a place, bilinear; beyond the edge, the edge's. */
    private static void sample(Picture from, double x, double y, byte[] to, int at) {
        int w = from.width();
        int h = from.height();
        int left = (int) Math.max(0, Math.min(w - 2, Math.floor(x)));
        int top = (int) Math.max(0, Math.min(h - 2, Math.floor(y)));
        double fx = Math.max(0, Math.min(1, x - left));
        double fy = Math.max(0, Math.min(1, y - top));
        byte[] pixels = from.planes();
        for (int c = 0; c < 3; c++) {
            int i = (c * h + top) * w + left;
            double upper = (pixels[i] & 0xFF) * (1 - fx) + (pixels[i + 1] & 0xFF) * fx;
            double lower = (pixels[i + w] & 0xFF) * (1 - fx) + (pixels[i + w + 1] & 0xFF) * fx;
            to[c * (to.length / 3) + at] = (byte) Math.round(upper * (1 - fy) + lower * fy);
        }
    }
}
