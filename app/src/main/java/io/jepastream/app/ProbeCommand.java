package io.jepastream.app;

import picocli.CommandLine.Command;

/** {@code jepa probe}: heads on a frozen encoder. */
@Command(
        name = "probe",
        description = "Train and score heads on a model whose encoder stays as it is.",
        mixinStandardHelpOptions = true,
        subcommands = {ProbeTrainCommand.class, ProbeEvaluateCommand.class},
        footer = {"", "Example:  jepa probe train --model models/vitl16 --data train/ --head gestures"})
final class ProbeCommand {}
