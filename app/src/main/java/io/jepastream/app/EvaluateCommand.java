package io.jepastream.app;

import ai.djl.Device;
import io.jepastream.encoder.ModelOptions;
import io.jepastream.encoder.tensor.DeviceExecutor;
import io.jepastream.encoder.tensor.Precision;
import io.jepastream.ingest.synth.Surface;
import io.jepastream.trainer.data.SynthSet;
import io.jepastream.trainer.report.Report;
import io.jepastream.trainer.report.ReportListener;
import io.jepastream.trainer.report.ReportScale;
import io.jepastream.trainer.report.ReportSettings;
import io.jepastream.trainer.report.Studies;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code jepa evaluate}: the paper's comparisons in small, with a report. */
@Command(
        name = "evaluate",
        description = {
            "Repeat the V-JEPA paper's comparisons with small models on generated videos, and write a report.",
            "DIR gets report.md, report.csv and pictures. It makes the videos, pretrains, measures and sets the paper's figures",
            "beside its own. What is done stays done: the same command goes on with a report that was stopped or killed."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "Example:  jepa evaluate --report report    (two cores: within an hour; it prints an estimate first)",
            "One comparison, longer:  jepa evaluate --report report2 --only masking --steps 3000 --seeds 1,2"
        })
final class EvaluateCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--report", required = true, paramLabel = "DIR", description = "Folder of the report.")
    private Path report = Path.of("");

    @Option(
            names = "--only",
            arity = "1..*",
            split = ",",
            paramLabel = "NAME",
            description = "Some of targets, pooling, masking, labels, tuning, pretraining (default: all).")
    private List<String> only = List.of();

    @Option(
            names = "--task",
            converter = DatasetCommand.TaskName.class,
            defaultValue = "camera-motion",
            paramLabel = "NAME",
            description = "What the videos show: camera-motion or object-motion (default ${DEFAULT-VALUE}).")
    private SynthSet.Task task = SynthSet.Task.CAMERA_MOTION;

    @Option(
            names = "--surface",
            converter = DatasetCommand.SurfaceName.class,
            defaultValue = "grain",
            paramLabel = "LOOK",
            description = "What their worlds look like: grain or varied (default ${DEFAULT-VALUE}).")
    private Surface surface = Surface.GRAIN;

    @Option(
            names = "--train",
            defaultValue = "1000",
            paramLabel = "N",
            description = "Videos to train with (default ${DEFAULT-VALUE}).")
    private int train = 1000;

    @Option(
            names = "--val",
            defaultValue = "300",
            paramLabel = "N",
            description = "Videos to measure with (default ${DEFAULT-VALUE}).")
    private int val = 300;

    @Option(
            names = "--steps",
            defaultValue = "0",
            paramLabel = "N",
            description = "Steps of each pretraining; 0: what fits 55 minutes, by this machine's speed (default).")
    private int steps;

    @Option(
            names = "--seeds",
            split = ",",
            defaultValue = "1,2,3",
            paramLabel = "N",
            description = "Repeats, a seed each (default ${DEFAULT-VALUE}).")
    private List<Long> seeds = List.of(1L, 2L, 3L);

    @Option(
            names = "--size",
            defaultValue = "tiny",
            paramLabel = "SIZE",
            description = "tiny, for two cores, or small, a ViT-S (default ${DEFAULT-VALUE}).")
    private String size = "tiny";

    @Option(
            names = "--precision",
            defaultValue = "bf16",
            paramLabel = "P",
            description = "fp32 or bf16 (default ${DEFAULT-VALUE}).")
    private String precision = "bf16";

    @Option(
            names = "--device",
            defaultValue = "auto",
            paramLabel = "DEVICE",
            description = "cpu, gpu:0 ... or auto (default ${DEFAULT-VALUE}).")
    private String device = "auto";

    @Option(
            names = "--threads",
            defaultValue = "0",
            paramLabel = "N",
            description = "Cores for one operation; 0: the engine chooses (default).")
    private int threads;

    @Override
    public Integer call() throws IOException, InterruptedException {
        String command = "jepa "
                + String.join(" ", spec.root().commandLine().getParseResult().originalArgs());
        ReportSettings settings = new ReportSettings(
                Studies.named(only),
                task,
                surface,
                train,
                val,
                steps,
                seeds,
                ReportScale.named(size),
                Precision.named(precision),
                command);
        ModelOptions options = ModelOptions.defaults().withDevice(device).withThreads(threads);
        Device resolved = options.resolve();
        PrintWriter out = spec.commandLine().getOut();
        boolean whole;
        try (StopSignal stop = new StopSignal();
                DeviceExecutor executor = new DeviceExecutor(resolved, threads)) {
            whole = new Report(settings, report, executor, options, new Console(out, stop)).run();
        }
        out.printf("%s: %s%n", report.resolve("report.md"), whole ? "whole" : "not whole; the same command goes on");
        return whole ? 0 : 1;
    }

    /** Lines on the terminal; stops by Ctrl-C. */
    private record Console(PrintWriter out, StopSignal stop) implements ReportListener {
        @Override
        public void say(String line) {
            out.println(line);
            out.flush();
        }

        @Override
        public boolean stopping() {
            return stop.isAsked();
        }
    }
}
