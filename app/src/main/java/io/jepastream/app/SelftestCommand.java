package io.jepastream.app;

import io.jepastream.app.kafka.Site;
import io.jepastream.app.selftest.Brain;
import io.jepastream.app.selftest.Campaign;
import io.jepastream.app.selftest.FaultKind;
import io.jepastream.app.selftest.Settings;
import io.jepastream.app.selftest.Summary;
import io.jepastream.ingest.wire.Topics;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code jepa selftest}: random faults on real processes, and a comparison with the ground truth. */
@Command(
        name = "selftest",
        description = {
            "Prove exactly once: three Kafka nodes and several workers as processes, seeded footage, random faults;",
            "then compare every committed record with what the frames make offline. Exit code 1 if one differs."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Writes selftest.log and summary.md to --out, and the processes' logs to its logs/.",
            "Example:  jepa selftest --minutes 10 --seed 7"
        })
final class SelftestCommand implements Callable<Integer> {
    private static final int ENOUGH = 100_000;
    private static final String SITE = "selftest-" + Long.toString(System.currentTimeMillis(), 36);

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--minutes", paramLabel = "N", description = "Time for faults (default: 5 without --faults).")
    private @Nullable Integer minutes;

    @Option(names = "--faults", paramLabel = "N", description = "Number of faults (default: what the time allows).")
    private @Nullable Integer faults;

    @Option(names = "--seed", paramLabel = "N", description = "Of footage and faults (default: random, printed).")
    private @Nullable Long seed;

    @Option(
            names = "--faults-of",
            split = ",",
            paramLabel = "KIND",
            description =
                    "Kinds of faults: ${COMPLETION-CANDIDATES} (default: all of them); none: watch the memory instead.",
            completionCandidates = Kinds.class)
    private @Nullable List<String> kinds;

    @Option(
            names = "--pause",
            defaultValue = "15",
            paramLabel = "SECONDS",
            description = "Longest time between two faults (default ${DEFAULT-VALUE}).")
    private int pause = 15;

    @Option(
            names = "--cameras",
            defaultValue = "6",
            paramLabel = "N",
            description = "Cameras that send footage (default ${DEFAULT-VALUE}).")
    private int cameras = 6;

    @Option(
            names = "--workers",
            defaultValue = "2",
            paramLabel = "N",
            description = "Worker processes of each stage (default ${DEFAULT-VALUE}).")
    private int workers = 2;

    @Option(
            names = "--brokers",
            defaultValue = "3",
            paramLabel = "N",
            description = "Kafka nodes of its own (default ${DEFAULT-VALUE}; 1 on a small machine).")
    private int brokers = 3;

    @Option(
            names = "--speed",
            defaultValue = "3",
            paramLabel = "X",
            description = "Seconds of footage in a second (default ${DEFAULT-VALUE}).")
    private double speed = 3;

    @Option(names = "--model", paramLabel = "DIR", description = "Model bundle (default: the one of jepastream).")
    private @Nullable Path model;

    @Option(
            names = "--bootstrap-servers",
            paramLabel = "HOST:PORT",
            description = "A cluster of yours: its brokers are left alone, its topics too; what is made is removed.")
    private @Nullable String bootstrapServers;

    @Option(
            names = "--kafka-config",
            paramLabel = "FILE",
            description = "Client settings, key=value lines, for the workers and for a cluster of yours.")
    private @Nullable Path kafkaConfig;

    @Option(
            names = "--out",
            defaultValue = "selftest",
            paramLabel = "DIR",
            description = "Folder for logs and the summary, new or empty (default ${DEFAULT-VALUE}).")
    private Path out = Path.of("selftest");

    /** Names of the kinds, for the help. */
    static final class Kinds extends ArrayList<String> {
        private static final long serialVersionUID = 1L;

        Kinds() {
            super(FaultKind.ids());
        }
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (bootstrapServers != null) {
            System.setProperty(Topics.PREFIX_PROPERTY, SITE + "-"); // before anything asks for a topic's name
        }
        ServeOptions served = new ServeOptions();
        served.model = model;
        served.on.device = "cpu";
        Settings settings = settings(served);
        Path log = Files.createDirectories(settings.out()).resolve("selftest.log");
        try (PrintWriter file = new PrintWriter(Files.newBufferedWriter(log, StandardCharsets.UTF_8));
                ServedModel brain = ServedModel.cold(served, 1)) { // as many threads as a worker: the same bits
            PrintWriter screen = spec.commandLine().getOut();
            Campaign campaign = new Campaign(settings, new Brain(brain.model(), brain.labellers()), line -> {
                screen.println(line);
                screen.flush();
                file.println(line);
                file.flush();
            });
            screen.printf("Seed %d, log and summary in %s%n", settings.seed(), settings.out());
            Summary summary = bootstrapServers == null ? campaign.run() : campaign.run(site(bootstrapServers));
            String page = summary.markdown();
            Files.writeString(settings.out().resolve("summary.md"), page);
            screen.println(page);
            screen.flush();
            return summary.isExact() ? 0 : 1;
        }
    }

    private Site site(String servers) throws IOException {
        if (!Topics.FRAMES.startsWith(SITE)) {
            throw new IllegalStateException("want topics of the self-test's own, got " + Topics.FRAMES);
        }
        return new Site(servers, SITE, kafkaConfig == null ? Map.of() : Site.read(kafkaConfig));
    }

    private Settings settings(ServeOptions served) {
        require(cameras >= 1 && cameras <= 64, "--cameras: want 1 to 64, got " + cameras);
        require(workers >= 1 && workers <= 16, "--workers: want 1 to 16, got " + workers);
        require(brokers >= 1 && brokers <= 9, "--brokers: want 1 to 9, got " + brokers);
        require(pause >= 1 && pause <= 600, "--pause: want 1 to 600, got " + pause);
        require(speed >= 0.1 && speed <= 100, "--speed: want 0.1 to 100, got " + speed);
        require(minutes == null || minutes > 0, "--minutes: want 1 or more, got " + minutes);
        require(faults == null || faults > 0, "--faults: want 1 or more, got " + faults);
        require(!Files.exists(out.resolve("cluster")), "--out: want a new or empty folder, got an earlier one: " + out);
        List<FaultKind> wanted = kinds == null
                ? Arrays.stream(FaultKind.values())
                        .filter(kind -> bootstrapServers == null || !kind.needsOwnBrokers())
                        .toList()
                : kinds.equals(List.of("none"))
                        ? List.of()
                        : kinds.stream().map(FaultKind::named).toList();
        for (FaultKind kind : wanted) {
            require(
                    bootstrapServers == null || !kind.needsOwnBrokers(),
                    "--faults-of: want no faults of brokers with --bootstrap-servers, got " + kind.id());
        }
        Duration time = Duration.ofMinutes(minutes != null ? minutes : faults != null ? ENOUGH : 5);
        return new Settings(
                seed == null ? ThreadLocalRandom.current().nextInt(1, Integer.MAX_VALUE) : seed,
                faults == null ? ENOUGH : faults,
                time,
                wanted,
                Duration.ofSeconds(pause),
                cameras,
                speed,
                workers,
                brokers,
                6,
                List.of("--model", served.directory().toAbsolutePath().toString(), "--device", "cpu"),
                kafkaConfig == null ? null : kafkaConfig.toAbsolutePath(),
                out.toAbsolutePath());
    }

    private static void require(boolean holds, String message) {
        if (!holds) {
            throw new UsageException(message);
        }
    }
}
