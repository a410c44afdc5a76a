package io.jepastream.app;

import io.jepastream.probeheads.ProbeConfig;
import io.jepastream.trainer.probe.FeatureSpec;
import io.jepastream.trainer.probe.ProbeLog;
import io.jepastream.trainer.probe.ProbeSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How heads are trained, and where features and figures go. */
final class ProbeRunOptions {
    private static final List<Double> LINEAR_RATES = List.of(3e-2, 1e-2, 3e-3);
    private static final List<Double> ATTENTIVE_RATES = List.of(3e-3, 1e-3, 3e-4);
    private static final double GIGABYTE = 1e9;

    @Option(
            names = "--epochs",
            defaultValue = "20",
            paramLabel = "N",
            description = "Passes over the training videos (default ${DEFAULT-VALUE}).")
    private int epochs = 20;

    @Option(
            names = "--batch",
            defaultValue = "32",
            paramLabel = "N",
            description = "Videos of a step (default ${DEFAULT-VALUE}).")
    private int batch = 32;

    @Option(
            names = "--lr",
            split = ",",
            paramLabel = "RATE",
            description = "Peak rates, a head each (default: 3e-3,1e-3,3e-4; linear ten times that).")
    private List<Double> rates = List.of();

    @Option(
            names = "--weight-decay",
            split = ",",
            defaultValue = "0.01",
            paramLabel = "DECAY",
            description = "Decays, a head with each rate (default ${DEFAULT-VALUE}).")
    private List<Double> decays = List.of(0.01);

    @Option(
            names = "--warmup",
            defaultValue = "0",
            paramLabel = "EPOCHS",
            description = "Epochs over which rates climb (default ${DEFAULT-VALUE}).")
    private double warmup;

    @Option(
            names = "--class-weights",
            defaultValue = "none",
            paramLabel = "HOW",
            description = "balanced, for sets with rare classes, or none (default ${DEFAULT-VALUE}).")
    private String classWeights = "none";

    @Option(
            names = "--label-smoothing",
            defaultValue = "0",
            paramLabel = "SHARE",
            description = "Share of the truth spread over all classes (default ${DEFAULT-VALUE}).")
    private double smoothing;

    @Option(
            names = "--patience",
            defaultValue = "0",
            paramLabel = "N",
            description = "Stop after so many epochs without a better head; 0: never (default).")
    private int patience;

    @Option(
            names = "--label-fraction",
            split = ",",
            paramLabel = "SHARE",
            description = "Learn from shares of the labels; writes a head only where 1 is one.")
    private List<Double> fractions = List.of();

    @Option(
            names = "--repeats",
            defaultValue = "3",
            paramLabel = "N",
            description = "Runs of each share (default ${DEFAULT-VALUE}).")
    private int repeats = 3;

    @Option(names = "--cache", paramLabel = "DIR", description = "Keep features here (default: not after the run).")
    private @Nullable Path cache;

    @Option(
            names = "--cache-limit",
            defaultValue = "20",
            paramLabel = "GB",
            description = "Most gigabytes of features (default ${DEFAULT-VALUE}).")
    private double cacheLimit = 20;

    @Option(
            names = "--cache-type",
            defaultValue = "auto",
            paramLabel = "TYPE",
            description = "fp32, fp16, bf16, or auto: fp32 up to 2 GiB, then fp16 (default).")
    private String cacheType = "auto";

    @Option(names = "--log", paramLabel = "DIR", description = "Write metrics.csv, loss.png and accuracy.png here.")
    private @Nullable Path log;

    ProbeSettings settings(ProbeConfig config, long seed) {
        if (!classWeights.equals("balanced") && !classWeights.equals("none")) {
            throw new UsageException("--class-weights: want balanced or none, got '%s'".formatted(classWeights));
        }
        List<Double> usual = config.kind() == ProbeConfig.Kind.MEAN ? LINEAR_RATES : ATTENTIVE_RATES;
        return new ProbeSettings(
                config,
                rates.isEmpty() ? usual : rates,
                decays,
                epochs,
                batch,
                warmup,
                patience,
                smoothing,
                classWeights.equals("balanced"),
                seed);
    }

    FeatureSpec.Storage storage() {
        return FeatureSpec.Storage.named(cacheType);
    }

    ProbeFeatures.Keeping keeping() {
        return new ProbeFeatures.Keeping(Optional.ofNullable(cache), (long) (cacheLimit * GIGABYTE));
    }

    /** A log, where one is asked for; the caller closes it. */
    Optional<ProbeLog> log(ProbeSettings settings) throws IOException {
        return log == null ? Optional.empty() : Optional.of(new ProbeLog(log, settings));
    }

    boolean lowShot() {
        return !fractions.isEmpty();
    }

    List<Double> fractions() {
        return fractions;
    }

    int repeats() {
        return repeats;
    }
}
