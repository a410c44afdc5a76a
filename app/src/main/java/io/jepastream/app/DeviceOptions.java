package io.jepastream.app;

import io.jepastream.encoder.tensor.Precision;
import java.util.Optional;
import picocli.CommandLine.Option;

/** What an encoder runs on. */
final class DeviceOptions {
    @Option(
            names = "--device",
            defaultValue = "auto",
            paramLabel = "DEVICE",
            description = "cpu, gpu:0 ... or auto (default ${DEFAULT-VALUE}).")
    String device = "auto";

    @Option(
            names = "--precision",
            defaultValue = "auto",
            paramLabel = "P",
            description = "fp32, bf16 or auto: bf16 where the device multiplies it (default ${DEFAULT-VALUE}).")
    private String precision = "auto";

    /** The precision, where one was asked for. */
    Optional<Precision> precision() {
        return precision.equals("auto") ? Optional.empty() : Optional.of(Precision.named(precision));
    }
}
