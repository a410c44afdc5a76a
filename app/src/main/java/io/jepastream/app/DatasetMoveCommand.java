package io.jepastream.app;

import io.jepastream.ingest.synth.CameraMotion;
import io.jepastream.trainer.data.MovedFootage;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code jepa dataset move}: recordings of standing cameras, moved artificially. */
@Command(
        name = "move",
        description = {
            "Move recordings of cameras that stand still: a window over the picture pans, tilts, zooms, rolls, trembles or",
            "stays. DIR/CLASS/VIDEO-STRETCH.mp4, every stretch once for each class: labelled footage with real pictures,",
            "to judge a camera-motion head by or to train one. The last seconds that fill no stretch are left out."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "Example:  jepa dataset move road.mp4 hall.mp4 --out data/moved",
            "          jepa probe evaluate --model models/MODEL --head camera-motion --data data/moved --frame-step 3"
        })
final class DatasetMoveCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(arity = "1..*", paramLabel = "VIDEO", description = "Recordings, with different file names.")
    private List<Path> videos = List.of();

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "A new or empty folder.")
    private Path out = Path.of("");

    @Option(
            names = "--size",
            converter = DatasetCommand.Size.class,
            defaultValue = "128x96",
            paramLabel = "WxH",
            description = "Pixels, even (default ${DEFAULT-VALUE}).")
    private DatasetCommand.Two size = new DatasetCommand.Two(128, 96);

    @Option(
            names = "--seconds",
            defaultValue = "3",
            paramLabel = "S",
            description = "Length of a stretch, 0.5 to 3 (default ${DEFAULT-VALUE}).")
    private double seconds = 3;

    @Option(
            names = "--fps",
            defaultValue = "16",
            paramLabel = "N",
            description = "Frames per second (default ${DEFAULT-VALUE}).")
    private int fps = 16;

    @Option(
            names = "--seed",
            defaultValue = "0",
            paramLabel = "N",
            description = "Other seeds give other speeds and directions (default ${DEFAULT-VALUE}).")
    private long seed;

    @Override
    public Integer call() throws IOException {
        Map<String, Path> named = named();
        if (Files.exists(out) && !isEmpty(out)) {
            throw new UsageException("--out: want a new or empty folder, got files in " + out);
        }
        MovedFootage footage =
                new MovedFootage(new MovedFootage.Settings(size.first(), size.second(), seconds, fps, seed));
        PrintWriter console = spec.commandLine().getOut();
        Files.createDirectories(out);
        int all = 0;
        for (Map.Entry<String, Path> video : named.entrySet()) {
            int stretches = footage.write(video.getValue(), video.getKey(), out);
            console.printf("%s: %d stretches%n", video.getValue(), stretches);
            console.flush();
            all += stretches;
        }
        int classes = CameraMotion.values().length;
        console.printf("%d videos of %d classes in %s%n", all * classes, classes, out);
        return all > 0 ? 0 : 1;
    }

    private Map<String, Path> named() {
        Map<String, Path> named = new LinkedHashMap<>();
        for (Path video : videos) {
            String file = String.valueOf(video.getFileName());
            int dot = file.lastIndexOf('.');
            Path other = named.put(dot > 0 ? file.substring(0, dot) : file, video);
            if (other != null) {
                throw new UsageException("VIDEO: want different file names, got %s and %s".formatted(other, video));
            }
        }
        return named;
    }

    private static boolean isEmpty(Path dir) throws IOException {
        try (Stream<Path> inside = Files.list(dir)) {
            return inside.findAny().isEmpty();
        }
    }
}
