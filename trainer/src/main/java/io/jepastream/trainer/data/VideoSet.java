package io.jepastream.trainer.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Videos, with labels where they have them.
 *
 * @param videos in the order of the list, or by name
 */
public record VideoSet(List<Video> videos) {
    private static final Set<String> ENDINGS =
            Set.of("mp4", "mkv", "avi", "mov", "webm", "m4v", "ts", "mpg", "mpeg", "flv", "wmv", "3gp");

    private static final Set<String> PICTURES = Set.of("jpg", "jpeg", "png", "webp", "bmp");

    /**
     * One video file.
     *
     * @param label a class's name or its number in the labels' order; empty where none is known
     */
    public record Video(Path file, Optional<String> label) {}

    public VideoSet {
        videos = List.copyOf(videos);
    }

    /**
     * Reads what a path names: a video, a folder of videos, or a folder with one folder of videos per class.
     *
     * @throws NoSuchFileException if there is nothing, or no video in it
     */
    public static VideoSet of(Path path) throws IOException {
        return of(path, "videos", ENDINGS);
    }

    /**
     * Reads what a path names: a picture, a folder of pictures, or a folder with one folder of pictures per class. A picture
     * is a video of one frame.
     *
     * @throws NoSuchFileException if there is nothing, or no picture in it
     */
    public static VideoSet pictures(Path path) throws IOException {
        return of(path, "pictures", PICTURES);
    }

    private static VideoSet of(Path path, String what, Set<String> endings) throws IOException {
        if (!Files.exists(path)) {
            throw new NoSuchFileException(what + ": want a file or a folder, got nothing at " + path);
        }
        if (!Files.isDirectory(path)) {
            return new VideoSet(List.of(new Video(path, Optional.empty())));
        }
        List<Video> videos = new ArrayList<>();
        for (Path inside : inside(path)) {
            if (Files.isDirectory(inside)) {
                Optional<String> label = Optional.of(String.valueOf(inside.getFileName()));
                inside(inside).stream()
                        .filter(file -> isOne(file, endings))
                        .forEach(file -> videos.add(new Video(file, label)));
            } else if (isOne(inside, endings)) {
                videos.add(new Video(inside, Optional.empty()));
            }
        }
        if (videos.isEmpty()) {
            throw new NoSuchFileException("%s: want a folder of %s, or of one folder of %s per class, got none in %s"
                    .formatted(what, what, what, path));
        }
        return new VideoSet(videos);
    }

    /**
     * Reads a list as the reference's: one video per line, then a space and its label; the label may be missing. Paths are relative to
     * the list, and may hold spaces. Empty lines and lines that start with {@code #} are passed over.
     *
     * @throws IOException if the list cannot be read, is empty, or names a file that is not there
     */
    public static VideoSet list(Path list) throws IOException {
        List<Video> videos = new ArrayList<>();
        List<String> lines = Files.readAllLines(list);
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (!line.isEmpty() && !line.startsWith("#")) {
                videos.add(line(list, i + 1, line));
            }
        }
        if (videos.isEmpty()) {
            throw new IOException("list %s: want lines 'video label', got none".formatted(list));
        }
        return new VideoSet(videos);
    }

    private static Video line(Path list, int number, String line) throws IOException {
        Path whole = list.resolveSibling(line);
        if (Files.isRegularFile(whole)) {
            return new Video(whole, Optional.empty());
        }
        int cut = line.lastIndexOf(' ');
        Path file = list.resolveSibling(cut < 0 ? line : line.substring(0, cut).strip());
        if (!Files.isRegularFile(file)) {
            throw new NoSuchFileException(
                    "list %s, line %d: want a video that is there, got %s".formatted(list, number, file));
        }
        return new Video(file, Optional.of(line.substring(cut + 1)));
    }

    /** This set and another behind it. */
    public VideoSet and(VideoSet other) {
        return new VideoSet(
                Stream.concat(videos.stream(), other.videos.stream()).toList());
    }

    private static List<Path> inside(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.sorted().toList();
        }
    }

    private static boolean isOne(Path file, Set<String> endings) {
        String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
        return Files.isRegularFile(file) && endings.contains(name.substring(name.lastIndexOf('.') + 1));
    }
}
