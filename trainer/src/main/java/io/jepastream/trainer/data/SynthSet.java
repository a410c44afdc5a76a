package io.jepastream.trainer.data;

import io.jepastream.ingest.media.Picture;
import io.jepastream.ingest.media.VideoWriter;
import io.jepastream.ingest.synth.CameraMotion;
import io.jepastream.ingest.synth.MotionScene;
import io.jepastream.ingest.synth.ObjectMotion;
import io.jepastream.ingest.synth.ObjectScene;
import io.jepastream.ingest.synth.Surface;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/**
 * A generated, labelled set of videos: {@code DIR/train/CLASS/NUMBER.mp4}, {@code DIR/val/CLASS/NUMBER.mp4} and a
 * README.md with the command that makes it. What a video shows is a pure function of the settings and its number; no
 * scene of one half comes in the other. Classes take turns, so each has as many videos, give or take one.
 */
public final class SynthSet {
    private static final String README = "README.md";
    private static final String UNFINISHED = ".unfinished.mp4";

    private final Settings settings;

    /** What the classes are. */
    public enum Task {
        /** How the camera moves: {@link CameraMotion}. */
        CAMERA_MOTION,
        /** How things move before the camera: {@link ObjectMotion}. */
        OBJECT_MOTION;

        /** Names of the classes, also of their folders, in the order of their numbers. */
        public List<String> classes() {
            return this == OBJECT_MOTION
                    ? Arrays.stream(ObjectMotion.values())
                            .map(ObjectMotion::label)
                            .toList()
                    : Arrays.stream(CameraMotion.values())
                            .map(MovedFootage::folder)
                            .toList();
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /**
     * What to make.
     *
     * @param train videos to train with, 0 or more
     * @param val videos to validate with, 0 or more
     * @param width pixels, even, 32 to 2048
     * @param height pixels, even, 32 to 2048
     * @param seconds length of each video, 0.5 to 8
     * @param leastFps frames per second, drawn for each video from here
     * @param mostFps frames per second, to here; at most 60
     * @param surface what the worlds look like
     */
    public record Settings(
            Task task,
            int train,
            int val,
            int width,
            int height,
            double seconds,
            int leastFps,
            int mostFps,
            long seed,
            Surface surface) {
        /** Varied worlds. */
        public Settings(
                Task task,
                int train,
                int val,
                int width,
                int height,
                double seconds,
                int leastFps,
                int mostFps,
                long seed) {
            this(task, train, val, width, height, seconds, leastFps, mostFps, seed, Surface.VARIED);
        }

        public Settings {
            require(train >= 0 && val >= 0 && train + val > 0, "videos: want some, got %d and %d", train, val);
            require(
                    width % 2 == 0
                            && height % 2 == 0
                            && Math.min(width, height) >= 32
                            && Math.max(width, height) <= 2048,
                    "size: want even sides from 32 to 2048 pixels, got %dx%d",
                    width,
                    height);
            require(seconds >= 0.5 && seconds <= 8, "seconds: want 0.5 to 8, got %s", seconds);
            require(
                    leastFps >= 1 && leastFps <= mostFps && mostFps <= 60,
                    "fps: want 1 to 60, the lower first, got %d to %d",
                    leastFps,
                    mostFps);
        }

        private static void require(boolean good, String message, Object... values) {
            if (!good) {
                throw new IllegalArgumentException(String.format(Locale.ROOT, message, values));
            }
        }

        /** The command line that asks for this. */
        public String command(String dir) {
            return String.format(
                    Locale.ROOT,
                    "jepa dataset synth --out %s --task %s --train %d --val %d --size %dx%d --seconds %s --fps %d..%d --seed %d%s",
                    dir,
                    task,
                    train,
                    val,
                    width,
                    height,
                    seconds,
                    leastFps,
                    mostFps,
                    seed,
                    surface == Surface.VARIED ? "" : " --surface " + surface.label());
        }
    }

    /** A set, not yet made. */
    public SynthSet(Settings settings) {
        this.settings = settings;
    }

    /**
     * Makes the set, or what is missing of it where an earlier run was stopped.
     *
     * @param dir new, empty, or begun with the same settings
     * @param done called after each video, whether made now or before
     * @throws IOException if the folder holds something else or cannot be written
     */
    public void write(Path dir, Runnable done) throws IOException {
        String readme = readme();
        Path mark = dir.resolve(README);
        if (Files.isDirectory(dir)
                && !isEmpty(dir)
                && !(Files.exists(mark) && Files.readString(mark).equals(readme))) {
            throw new IOException(
                    "folder %s: want a new or empty one, or one begun with the same settings, got others in it"
                            .formatted(dir));
        }
        Files.createDirectories(dir);
        Files.writeString(mark, readme);
        half(dir, "train", 0, settings.train(), done);
        half(dir, "val", 1, settings.val(), done);
    }

    private static boolean isEmpty(Path dir) throws IOException {
        try (Stream<Path> inside = Files.list(dir)) {
            return inside.findAny().isEmpty();
        }
    }

    private void half(Path dir, String name, int half, int count, Runnable done) throws IOException {
        List<String> classes = settings.task().classes();
        for (int i = 0; i < count; i++) {
            int label = i % classes.size();
            Path folder = Files.createDirectories(dir.resolve(name).resolve(classes.get(label)));
            Path file = folder.resolve(String.format(Locale.ROOT, "%05d.mp4", i));
            if (!Files.exists(file)) {
                Path unfinished = dir.resolve(UNFINISHED);
                video(unfinished, label, 2L * i + half);
                Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
            }
            done.run();
        }
    }

    /** A scene whose length is from the first frame to the last. */
    @FunctionalInterface
    private interface Scene {
        Picture at(double seconds);
    }

    private void video(Path file, int label, long number) throws IOException {
        SplittableRandom random = new SplittableRandom(SampleOrder.mix(settings.seed(), number));
        int fps = random.nextInt(settings.leastFps(), settings.mostFps() + 1);
        int frames = (int) Math.max(2, Math.round(settings.seconds() * fps));
        Scene scene = scene(label, random.nextLong(), (frames - 1) / (double) fps);
        // From hard to slight compression: 0.1 to 1 bits per pixel.
        double bits = Math.pow(10, random.nextDouble() - 1);
        int rate = (int) Math.max(20_000, bits * settings.width() * settings.height() * fps);
        try (VideoWriter writer =
                VideoWriter.open(file, VideoWriter.Settings.h264(fps, rate), settings.width(), settings.height())) {
            for (int i = 0; i < frames; i++) {
                writer.write(scene.at(i / (double) fps));
            }
            writer.finish();
        }
    }

    private Scene scene(int label, long seed, double seconds) {
        int width = settings.width();
        int height = settings.height();
        if (settings.task() == Task.CAMERA_MOTION) {
            MotionScene scene = MotionScene.of(List.of(CameraMotion.values()).get(label), seed, settings.surface());
            return at -> scene.render(at, width, height);
        }
        ObjectScene scene =
                ObjectScene.of(List.of(ObjectMotion.values()).get(label), seed, seconds, settings.surface());
        return at -> scene.render(at, width, height);
    }

    private String readme() {
        return """
                # %s, generated

                Folders are halves, then classes. Made by

                ```
                %s
                ```

                The same command finishes what is missing. Generated pictures: free of any rights of others.
                """.formatted(settings.task(), settings.command("DIR"));
    }
}
