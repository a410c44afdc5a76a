package io.jepastream.app;

import io.jepastream.encoder.stream.ClipEncoder;
import io.jepastream.ingest.camera.CameraConfig;
import io.jepastream.ingest.camera.CameraStatus;
import io.jepastream.ingest.camera.Cameras;
import io.jepastream.trainer.data.VideoSet;
import io.jepastream.trainer.eval.Protocol;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code jepa extract}: video files to embeddings and labels by the stream's own code, without Kafka. */
@Command(
        name = "extract",
        description = "Embeddings and labels of video files, as JSON Lines and .npy; the same numbers as the stream.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Example:  jepa extract lobby.mp4 footage/ --out lobby.jsonl    (vectors: lobby.npy)",
            "Whole videos, folders as classes:  jepa extract val/ --views 3 --segments 8 --out val.jsonl"
        })
final class ExtractCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "VIDEO", description = "Video files, or folders of them.")
    private List<Path> videos = new ArrayList<>();

    @Option(
            names = "--out",
            required = true,
            paramLabel = "FILE",
            description = "JSON Lines; vectors go beside it as .npy.")
    private @Nullable Path out;

    @Mixin
    private CameraOptions cameras = new CameraOptions();

    @Mixin
    private ClipOptions clips = new ClipOptions();

    @Mixin
    private ServeOptions modelOptions = new ServeOptions();

    @Mixin
    private ProtocolOptions whole = new ProtocolOptions();

    @Override
    public Integer call() throws IOException, InterruptedException {
        Path file = out;
        if (file == null) {
            throw new UsageException("want --out FILE, got none");
        }
        Optional<Protocol> protocol = whole.protocol();
        return protocol.isPresent() ? score(protocol.get(), file) : windows(file);
    }

    private int score(Protocol protocol, Path file) throws IOException {
        VideoSet set = whole.videos(videos);
        if (set.videos().isEmpty()) {
            throw new UsageException("want VIDEO... or --list FILE, got no video");
        }
        PrintWriter print = spec.commandLine().getOut();
        try (ServedModel model = ServedModel.open(modelOptions)) {
            ProtocolRun run = new ProtocolRun(protocol, model, modelOptions.top);
            return run.run(set, file, print, spec.commandLine().getErr()) == 0 ? 0 : 1;
        }
    }

    private int windows(Path file) throws IOException, InterruptedException {
        List<CameraConfig> configs = cameras.configs(videos);
        if (configs.isEmpty()) {
            throw new UsageException("want VIDEO... and --out FILE, got no video");
        }
        int failures = 0;
        try (ServedModel model = ServedModel.open(modelOptions);
                ClipEncoder encoder = new ClipEncoder(
                        model.model(),
                        clip -> model.model().infer(List.of(clip)).get(0));
                ExtractWriter writer = new ExtractWriter(file, encoder, model.labellers(), clips.config());
                ProgressBar bar = new ProgressBarBuilder()
                        .setTaskName("extract")
                        .setInitialMax(configs.size())
                        .setUnit(" videos", 1)
                        .setUpdateIntervalMillis(500)
                        .build()) {
            for (CameraConfig config : configs) {
                bar.setExtraMessage(config.id());
                failures += extract(config, writer) ? 0 : 1;
                bar.step();
            }
            spec.commandLine().getOut().printf("%n%s%n", writer.summary());
        }
        return failures == 0 ? 0 : 1;
    }

    private boolean extract(CameraConfig config, ExtractWriter writer) throws InterruptedException, IOException {
        try (Cameras one = Cameras.start(List.of(config), writer::accept, new SimpleMeterRegistry())) {
            CameraStatus end = one.ended().get().get(0);
            writer.throwIfFailed();
            if (end.failed()) {
                spec.commandLine().getErr().printf("%n%s: %s%n", config.id(), end.lastError());
            }
            return !end.failed();
        } catch (ExecutionException e) {
            throw new IOException("%s: %s".formatted(config.id(), e.getCause()), e);
        }
    }
}
