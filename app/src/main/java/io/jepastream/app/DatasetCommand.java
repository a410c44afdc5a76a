package io.jepastream.app;

import io.jepastream.app.kafka.TopicReader;
import io.jepastream.ingest.synth.Surface;
import io.jepastream.ingest.wire.Topics;
import io.jepastream.trainer.data.SynthSet;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code jepa dataset}: footage to train with. */
@Command(
        name = "dataset",
        description = "Generate labelled videos, or save the clips of a running site, to train with.",
        subcommands = DatasetMoveCommand.class,
        mixinStandardHelpOptions = true,
        footer = {"", "Example:  jepa dataset synth --out data/motion --task object-motion"})
final class DatasetCommand {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    /**
     * Two numbers as people write them.
     *
     * @param first of them
     * @param second of them
     */
    record Two(int first, int second) {}

    /** {@code 128x96}. */
    static final class Size implements ITypeConverter<Two> {
        private static final Pattern FORM = Pattern.compile("(\\d{1,4})x(\\d{1,4})");

        @Override
        public Two convert(String text) {
            Matcher matcher = FORM.matcher(text.strip());
            if (!matcher.matches()) {
                throw new TypeConversionException("want a size such as 128x96, got '%s'".formatted(text));
            }
            return new Two(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)));
        }
    }

    /** {@code 8} or {@code 8..15}. */
    static final class Range implements ITypeConverter<Two> {
        private static final Pattern FORM = Pattern.compile("(\\d{1,3})(?:\\.\\.(\\d{1,3}))?");

        @Override
        public Two convert(String text) {
            Matcher matcher = FORM.matcher(text.strip());
            if (!matcher.matches()) {
                throw new TypeConversionException("want a number or a range such as 8..15, got '%s'".formatted(text));
            }
            int first = Integer.parseInt(matcher.group(1));
            return new Two(first, matcher.group(2) == null ? first : Integer.parseInt(matcher.group(2)));
        }
    }

    /**
     * A place in a topic.
     *
     * @param partition from 0
     * @param offset from 0
     */
    record Place(int partition, long offset) {}

    /** {@code 0:1500}. */
    static final class PlaceForm implements ITypeConverter<Place> {
        private static final Pattern FORM = Pattern.compile("(\\d{1,9}):(\\d{1,18})");

        @Override
        public Place convert(String text) {
            Matcher matcher = FORM.matcher(text.strip());
            if (!matcher.matches()) {
                throw new TypeConversionException("want PARTITION:OFFSET such as 0:1500, got '%s'".formatted(text));
            }
            return new Place(Integer.parseInt(matcher.group(1)), Long.parseLong(matcher.group(2)));
        }
    }

    private static Map<Integer, Long> offsets(String option, @Nullable List<Place> places) {
        Map<Integer, Long> offsets = new TreeMap<>();
        for (Place place : places == null ? List.<Place>of() : places) {
            if (offsets.put(place.partition(), place.offset()) != null) {
                throw new UsageException(
                        "%s: want each partition once, got %d again".formatted(option, place.partition()));
            }
        }
        return offsets;
    }

    /** {@code camera-motion} as the constant of its name. */
    static final class TaskName extends LabelConverter<SynthSet.Task> {
        TaskName() {
            super(SynthSet.Task.values(), SynthSet.Task::toString);
        }
    }

    /** {@code grain} as the constant of its name. */
    static final class SurfaceName extends LabelConverter<Surface> {
        SurfaceName() {
            super(Surface.values(), Surface::label);
        }
    }

    @Command(
            name = "synth",
            description = {
                "Generate videos of textured worlds whose class only motion tells: how the camera moves, or how things",
                "move before it. DIR/train/CLASS/*.mp4 and DIR/val/CLASS/*.mp4; a stopped run is finished by the same command."
            },
            mixinStandardHelpOptions = true,
            footer = {"", "Example:  jepa dataset synth --out data/motion --task object-motion --train 2000 --val 500"})
    int synth(
            @Option(names = "--out", required = true, paramLabel = "DIR", description = "A new or empty folder.")
                    Path out,
            @Option(
                            names = "--task",
                            converter = TaskName.class,
                            defaultValue = "object-motion",
                            paramLabel = "NAME",
                            description = "camera-motion or object-motion (default ${DEFAULT-VALUE}).")
                    SynthSet.Task task,
            @Option(
                            names = "--train",
                            defaultValue = "1000",
                            paramLabel = "N",
                            description = "Videos to train with (default ${DEFAULT-VALUE}).")
                    int train,
            @Option(
                            names = "--val",
                            defaultValue = "200",
                            paramLabel = "N",
                            description = "Videos to validate with (default ${DEFAULT-VALUE}).")
                    int val,
            @Option(
                            names = "--size",
                            converter = Size.class,
                            defaultValue = "128x96",
                            paramLabel = "WxH",
                            description = "Pixels, even (default ${DEFAULT-VALUE}).")
                    Two size,
            @Option(
                            names = "--seconds",
                            defaultValue = "3",
                            paramLabel = "S",
                            description = "Length of a video, 0.5 to 8 (default ${DEFAULT-VALUE}).")
                    double seconds,
            @Option(
                            names = "--fps",
                            converter = Range.class,
                            defaultValue = "8",
                            paramLabel = "N[..N]",
                            description =
                                    "Frames per second, drawn for each video from a range (default ${DEFAULT-VALUE}).")
                    Two fps,
            @Option(
                            names = "--seed",
                            defaultValue = "0",
                            paramLabel = "N",
                            description = "Other seeds give other scenes (default ${DEFAULT-VALUE}).")
                    long seed,
            @Option(
                            names = "--surface",
                            converter = SurfaceName.class,
                            defaultValue = "varied",
                            paramLabel = "LOOK",
                            description =
                                    "varied, or grain: grey noise, worlds that look alike (default ${DEFAULT-VALUE}).")
                    Surface surface)
            throws IOException {
        SynthSet set = new SynthSet(new SynthSet.Settings(
                task, train, val, size.first(), size.second(), seconds, fps.first(), fps.second(), seed, surface));
        try (ProgressBar bar = new ProgressBarBuilder()
                .setTaskName(task.toString())
                .setInitialMax((long) train + val)
                .setUnit(" videos", 1)
                .setUpdateIntervalMillis(500)
                .build()) {
            set.write(out, bar::step);
        }
        spec.commandLine()
                .getOut()
                .printf(
                        "%d + %d videos of %d classes in %s%n",
                        train, val, task.classes().size(), out);
        return 0;
    }

    @Command(
            name = "export",
            description = {
                "Save committed clips as video files, their pictures unchanged, one file per clip: DIR/CAMERA/START.mkv,",
                "and DIR/clips.txt, the list of them. A clip that is there already is left as it is."
            },
            mixinStandardHelpOptions = true,
            footer = {
                "",
                "Example:  jepa dataset export --bootstrap-servers localhost:9092 --camera door --out data/door",
                "Train on them with --list data/door/clips.txt, 16 frames at a frame step of 1."
            })
    int export(
            @Mixin SiteOptions site,
            @Option(names = "--out", required = true, paramLabel = "DIR", description = "Where files go.") Path out,
            @Option(
                            names = "--from",
                            paramLabel = "TIME",
                            description = "First start of a clip, such as 2026-11-23T14:00:00Z (default: the oldest).")
                    @Nullable
                    Instant from,
            @Option(
                            names = "--to",
                            paramLabel = "TIME",
                            description = "First start that is too late (default: none, up to the newest clip now).")
                    @Nullable
                    Instant to,
            @Option(
                            names = "--from-offset",
                            split = ",",
                            converter = PlaceForm.class,
                            paramLabel = "PARTITION:OFFSET",
                            description = "First record of a partition (default: the oldest of each).")
                    @Nullable
                    List<Place> fromOffsets,
            @Option(
                            names = "--to-offset",
                            split = ",",
                            converter = PlaceForm.class,
                            paramLabel = "PARTITION:OFFSET",
                            description = "First record of a partition that is too late (default: none, as --to).")
                    @Nullable
                    List<Place> toOffsets,
            @Option(names = "--camera", paramLabel = "ID", description = "Only this camera; may be repeated.") @Nullable
                    List<String> cameras)
            throws IOException {
        Instant first = from == null ? Instant.MIN : from;
        Instant end = to == null ? Instant.MAX : to;
        if (!first.isBefore(end)) {
            throw new UsageException("--from: want a time before --to, got %s and %s".formatted(first, end));
        }
        Map<Integer, Long> starts = offsets("--from-offset", fromOffsets);
        Map<Integer, Long> ends = offsets("--to-offset", toOffsets);
        ClipFiles files = new ClipFiles(out, first, end, cameras == null ? List.of() : new ArrayList<>(cameras));
        try (TopicReader reader = TopicReader.open(site.site(), Topics.CLIPS, starts, ends);
                ProgressBar bar = new ProgressBarBuilder()
                        .setTaskName("export")
                        .setInitialMax(reader.recordsLeft())
                        .setUnit(" offsets", 1)
                        .setUpdateIntervalMillis(500)
                        .build()) {
            while (reader.recordsLeft() > 0) {
                for (ConsumerRecord<byte[], byte[]> record : reader.poll()) {
                    files.accept(record);
                }
                bar.stepTo(bar.getMax() - reader.recordsLeft());
            }
        }
        spec.commandLine().getOut().println(files.finish());
        return files.failures() == 0 ? 0 : 1;
    }
}
