package io.jepastream.app;

import picocli.CommandLine.Command;

/** {@code jepa bench}: figures beside their ceilings. */
@Command(
        name = "bench",
        description = {
            "Measure a path of the product, and in the same run the ceiling that bounds it.",
            "Each line: median (least to most) of the repetitions, the ceiling, and the share of it that was reached."
        },
        mixinStandardHelpOptions = true,
        subcommands = {
            BenchEncoderCommand.class,
            BenchTrainCommand.class,
            BenchIngestCommand.class,
            BenchStreamCommand.class,
        })
final class BenchCommand {}
