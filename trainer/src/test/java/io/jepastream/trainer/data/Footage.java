package io.jepastream.trainer.data;

import io.jepastream.ingest.media.Picture;
import io.jepastream.ingest.media.VideoWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** Small footage for tests. */
final class Footage {
    private Footage() {}

    /** A grey picture with a slope, told apart by its number. */
    static Picture picture(int width, int height, int number) {
        byte[] planes = new byte[3 * width * height];
        for (int i = 0; i < planes.length; i++) {
            planes[i] = (byte) ((5 * number + i % width) % 256);
        }
        return new Picture(width, height, planes);
    }

    static Path video(Path file, int frames) throws IOException {
        return video(file, frames, 10);
    }

    static Path video(Path file, int frames, int fps) throws IOException {
        Files.createDirectories(file.getParent());
        VideoWriter.Settings settings = new VideoWriter.Settings("mpeg4", fps, 1_000_000, 12);
        try (VideoWriter writer = VideoWriter.open(file, settings, 64, 48)) {
            for (int i = 0; i < frames; i++) {
                writer.write(picture(64, 48, i));
            }
            writer.finish();
        }
        return file;
    }

    /** Clips of two frames of 8x8 whose every byte is their number; some cannot be read. */
    static class Numbered implements ClipSource {
        private final int size;
        private final int unreadableEvery;

        Numbered(int size, int unreadableEvery) {
            this.size = size;
            this.unreadableEvery = unreadableEvery;
        }

        @Override
        public int size() {
            return size;
        }

        @Override
        public Optional<String> label(int index) {
            return index % 3 == 2 ? Optional.empty() : Optional.of(index % 3 == 0 ? "fizz" : "buzz");
        }

        @Override
        public String name(int index) {
            return "clip " + index;
        }

        @Override
        public List<Picture> frames(int index, RandomGenerator random) throws IOException {
            if (unreadableEvery > 0 && index % unreadableEvery == 0) {
                throw new IOException("clip %d: want pictures, got noise".formatted(index));
            }
            byte[] planes = new byte[3 * 64];
            java.util.Arrays.fill(planes, (byte) index);
            planes[0] = (byte) random.nextInt();
            Picture picture = new Picture(8, 8, planes);
            return List.of(picture, picture);
        }
    }
}
