package io.jepastream.app.selftest;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a campaign does.
 *
 * @param seed of footage and faults
 * @param faults how many, unless the time is over before
 * @param time for faults; what follows is waiting for rest, and the comparison
 * @param kinds of faults
 * @param longestPause between two faults; the shortest is an eighth of it
 * @param cameras how many
 * @param speed seconds of footage in a second
 * @param workers processes of each stage
 * @param brokers of a cluster of its own
 * @param partitions of each topic
 * @param model options of {@code jepa encode}: the model
 * @param kafkaConfig a file of client settings for the workers, if there is one
 * @param out takes log and summary, and the cluster's data while it runs
 */
public record Settings(
        long seed,
        int faults,
        Duration time,
        List<FaultKind> kinds,
        Duration longestPause,
        int cameras,
        double speed,
        int workers,
        int brokers,
        int partitions,
        List<String> model,
        @Nullable Path kafkaConfig,
        Path out) {}
