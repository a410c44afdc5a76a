package io.jepastream.app;

import io.jepastream.ingest.camera.CameraConfig;
import io.jepastream.ingest.camera.FrameRate;
import io.jepastream.ingest.media.SourceOptions;
import io.jepastream.ingest.media.SourceUrl;
import io.jepastream.ingest.wire.ImageEncoding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;

/** Which cameras and files, and how they are sampled. */
final class CameraOptions {
    private static final Set<String> VIDEO_ENDINGS =
            Set.of("mp4", "mkv", "avi", "mov", "webm", "ts", "m4v", "mpg", "mpeg", "flv");

    @Option(
            names = "--camera",
            paramLabel = "ID=URL",
            description =
                    "A camera: rtsp://, http(s)://, udp://, /dev/video0, a file, lavfi:GRAPH or synth:tour,seed=7.")
    private Map<String, String> cameras = new LinkedHashMap<>();

    @Option(
            names = "--video",
            arity = "1..*",
            paramLabel = "FILE",
            description = "Video files, or folders of them; each is a camera named after its file.")
    private List<Path> videos = new ArrayList<>();

    @Option(
            names = "--fps",
            converter = Rates.class,
            defaultValue = "32/3",
            paramLabel = "RATE",
            description = "Frames taken per second, a number or a fraction (default ${DEFAULT-VALUE}: two per slot).")
    private FrameRate rate = FrameRate.DEFAULT;

    @Option(
            names = "--short-side",
            defaultValue = "256",
            paramLabel = "PIXELS",
            description =
                    "Frames are scaled so that their short side is this; 0 keeps them (default ${DEFAULT-VALUE}).")
    private int shortSide = 256;

    @Option(
            names = "--encoding",
            defaultValue = "JPEG",
            paramLabel = "E",
            description = "JPEG, PNG or RGB24 (default ${DEFAULT-VALUE}).")
    private ImageEncoding encoding = ImageEncoding.JPEG;

    @Option(
            names = "--quality",
            defaultValue = "95",
            paramLabel = "Q",
            description = "JPEG quality, 1 to 100 (default ${DEFAULT-VALUE}).")
    private int quality = 95;

    @Option(names = "--realtime", description = "Play files at their own speed; else as fast as they decode.")
    private boolean realtime;

    @Option(
            names = "--start-time",
            defaultValue = "2000-01-01T00:00:00Z",
            paramLabel = "INSTANT",
            description = "Capture time of the first frame of files (default ${DEFAULT-VALUE}).")
    private Instant startTime = CameraConfig.DEFAULT_START;

    @Option(
            names = "--rtsp-transport",
            defaultValue = "TCP",
            paramLabel = "T",
            description = "TCP or UDP (default ${DEFAULT-VALUE}).")
    private SourceOptions.Transport transport = SourceOptions.Transport.TCP;

    @Option(
            names = "--source-option",
            paramLabel = "NAME=VALUE",
            description = "An option of FFmpeg for opening sources, such as video_size=640x480 for a webcam.")
    private Map<String, String> sourceOptions = new LinkedHashMap<>();

    /** Whether the user named any. */
    boolean isEmpty() {
        return cameras.isEmpty() && videos.isEmpty();
    }

    /** Every camera and file that was named. */
    List<CameraConfig> configs() throws IOException {
        return configs(videos);
    }

    /** Every camera that was named, and these files and folders. */
    List<CameraConfig> configs(List<Path> files) throws IOException {
        Map<String, String> all = new LinkedHashMap<>(cameras);
        for (Path file : files(files)) {
            String id = idOf(file);
            for (int twin = 2; all.containsKey(id); twin++) {
                id = idOf(file) + "-" + twin;
            }
            all.put(id, file.toString());
        }
        List<CameraConfig> configs = new ArrayList<>();
        all.forEach((id, url) -> configs.add(config(id, url)));
        return configs;
    }

    /** One camera with these options. */
    CameraConfig config(String id, String url) {
        return CameraConfig.builder(id, SourceUrl.parse(url))
                .rate(rate)
                .shortSide(shortSide)
                .encoding(encoding, quality)
                .realtime(realtime)
                .start(startTime)
                .options(new SourceOptions(
                        SourceOptions.DEFAULTS.openDeadline(),
                        SourceOptions.DEFAULTS.readDeadline(),
                        transport,
                        sourceOptions))
                .build();
    }

    /** Files as they are, folders as the videos in them, by name. */
    static List<Path> files(List<Path> paths) throws IOException {
        List<Path> files = new ArrayList<>();
        for (Path path : paths) {
            if (!Files.exists(path)) {
                throw new UsageException("video: want a file or a folder, got nothing at " + path);
            }
            if (!Files.isDirectory(path)) {
                files.add(path);
                continue;
            }
            try (Stream<Path> inside = Files.list(path)) {
                List<Path> found =
                        inside.filter(CameraOptions::isVideo).sorted().toList();
                if (found.isEmpty()) {
                    throw new UsageException("video: want a folder with videos, got none in " + path);
                }
                files.addAll(found);
            }
        }
        return files;
    }

    /** The camera id that a file gets: its name without the ending, other characters as dashes. */
    static String idOf(Path file) {
        String name = file.getFileName().toString();
        int dot = name.lastIndexOf('.');
        return (dot > 0 ? name.substring(0, dot) : name).replaceAll("[^A-Za-z0-9._-]", "-");
    }

    private static boolean isVideo(Path file) {
        String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        return Files.isRegularFile(file) && VIDEO_ENDINGS.contains(name.substring(name.lastIndexOf('.') + 1));
    }

    /** Rates as the user writes them. */
    static final class Rates implements ITypeConverter<FrameRate> {
        @Override
        public FrameRate convert(String text) {
            return FrameRate.parse(text);
        }
    }
}
