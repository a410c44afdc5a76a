package io.jepastream.app;

import io.jepastream.app.plan.Demand;
import io.jepastream.app.plan.PlanConstants;
import io.jepastream.app.plan.PlanText;
import io.jepastream.app.plan.SitePlan;
import io.jepastream.encoder.EncoderConfig;
import io.jepastream.encoder.Family;
import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code jepa plan}: what a site of so many cameras needs. */
@Command(
        name = "plan",
        description = {
            "Work out what a site needs: topics' rates, brokers, disk, network, partitions, cores and GPUs.",
            "It rests on one table of constants, measured where the table says so; what is assumed is printed below the plan."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {"", "Example:  jepa plan --cameras 10000 --fps 10 --model L --gpu h200"})
final class PlanCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--cameras", required = true, paramLabel = "N", description = "Cameras.")
    private long cameras;

    @Option(
            names = "--fps",
            defaultValue = "10.667",
            paramLabel = "F",
            description = "Frames a second that each sends to Kafka (default ${DEFAULT-VALUE}).")
    private double fps;

    @Option(
            names = "--picture",
            defaultValue = "30000",
            paramLabel = "BYTES",
            description = "One frame's JPEG; about 30000 for 256 x 455 at quality 95 (default ${DEFAULT-VALUE}).")
    private long picture;

    @Option(
            names = "--hop",
            converter = Durations.class,
            defaultValue = "3s",
            paramLabel = "TIME",
            description = "From one clip's start to the next (default ${DEFAULT-VALUE}).")
    private Duration hop = Duration.ofSeconds(3);

    @Option(
            names = "--model",
            defaultValue = "L",
            paramLabel = "SIZE",
            description = "T, S, B, L, H, g or G (default ${DEFAULT-VALUE}).")
    private String model = "L";

    @Option(
            names = "--side",
            defaultValue = "224",
            paramLabel = "PX",
            description = "Pixels of the model's clips (default ${DEFAULT-VALUE}).")
    private int side;

    @Option(
            names = "--gpu",
            defaultValue = "h200",
            paramLabel = "NAME",
            description = "A GPU of the table, or cpu (default ${DEFAULT-VALUE}).")
    private String gpu = "h200";

    @Option(
            names = "--replication",
            defaultValue = "3",
            paramLabel = "N",
            description = "Copies of each partition (default ${DEFAULT-VALUE}).")
    private int copies;

    @Option(
            names = "--standbys",
            defaultValue = "1",
            paramLabel = "N",
            description = "As of 'jepa assemble' (default ${DEFAULT-VALUE}).")
    private int standbys;

    @Option(
            names = "--frames-retention",
            converter = Durations.class,
            defaultValue = "24h",
            paramLabel = "TIME",
            description = "How long frames and clips are kept (default ${DEFAULT-VALUE}).")
    private Duration kept = Duration.ofHours(24);

    @Override
    public Integer call() throws IOException {
        PlanConstants constants = PlanConstants.read();
        String device = gpu.toLowerCase(Locale.ROOT);
        if (!device.equals("cpu") && !constants.gpus().contains(device)) {
            throw new UsageException("--gpu: want cpu or one of %s, got '%s'".formatted(constants.gpus(), gpu));
        }
        EncoderConfig encoder = EncoderConfig.builder(Family.VJEPA1, BenchEncoderCommand.size(model))
                .imgSize(side)
                .build();
        Demand site = new Demand(
                cameras,
                fps,
                picture,
                encoder.numFrames(),
                Duration.ofSeconds(3),
                hop,
                copies,
                standbys,
                kept,
                encoder);
        SitePlan plan = new SitePlan(site, constants, device);
        new PlanText(site, plan, constants, device)
                .lines()
                .forEach(spec.commandLine().getOut()::println);
        return 0;
    }
}
