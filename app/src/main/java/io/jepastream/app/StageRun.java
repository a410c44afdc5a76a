package io.jepastream.app;

import io.jepastream.app.kafka.Site;
import io.jepastream.app.kafka.StreamsStage;
import io.jepastream.app.kafka.TopicSetup;
import io.jepastream.ingest.wire.Topics;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;

/** One stage as a process. */
final class StageRun {
    private static final Duration LOOK = Duration.ofMillis(500);

    private StageRun() {}

    /**
     * Runs a stage until the process is asked to stop or the stage ends by itself.
     *
     * @return the exit code
     */
    static int untilStopped(Site site, StreamsStage stage, StopSignal stop) throws InterruptedException {
        requireTopics(site);
        stage.start();
        while (!stop.await(LOOK)) {
            if (stage.awaitEnd(Duration.ZERO)) {
                stage.failure().ifPresent(error -> System.err.println("jepa: the stage ended: " + error));
                return 1;
            }
        }
        return 0;
    }

    /** Fails early and by name where a topic is missing. */
    static void requireTopics(Site site) throws InterruptedException {
        try (Admin admin = Admin.create(site.clientSettings())) {
            Set<String> present = new TopicSetup(admin).describe().keySet();
            List<String> missing = Topics.ALL.stream()
                    .filter(topic -> !present.contains(topic))
                    .toList();
            if (!missing.isEmpty()) {
                throw new UsageException("topics: want %s at %s, got none; run 'jepa topics create'"
                        .formatted(String.join(", ", missing), site.bootstrapServers()));
            }
        }
    }
}
