package io.jepastream.app;

import io.jepastream.app.kafka.TopicSetup;
import io.jepastream.ingest.wire.Topics;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code jepa topics}: makes and shows the topics. */
@Command(
        name = "topics",
        description = "Create or describe the topics of the pipeline.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example:  jepa topics create --bootstrap-servers localhost:9092 --partitions 32"})
final class TopicsCommand {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Command(
            name = "create",
            description = "Create the topics that are missing; say what exists already.",
            mixinStandardHelpOptions = true,
            footer = {
                "",
                "Partitions bound how many encoding threads a site can use: at least 2 x max-batch x workers.",
                "Example:  jepa topics create --bootstrap-servers localhost:9092 --partitions 32 --replication 3"
            })
    int create(
            @Mixin SiteOptions site,
            @Option(
                            names = "--partitions",
                            defaultValue = "32",
                            paramLabel = "N",
                            description = "Partitions of a new topic (default ${DEFAULT-VALUE}).")
                    int partitions,
            @Option(
                            names = "--replication",
                            defaultValue = "-1",
                            paramLabel = "N",
                            description = "Copies of a new topic (default: the broker's).")
                    short replication,
            @Option(
                            names = "--frames-retention",
                            converter = Durations.class,
                            defaultValue = "24h",
                            paramLabel = "TIME",
                            description = "How long frames and clips are kept (default ${DEFAULT-VALUE}).")
                    Duration retention)
            throws IOException, InterruptedException {
        if (partitions < 1 || partitions > 10_000) {
            throw new UsageException("--partitions: want 1 to 10000, got " + partitions);
        }
        try (Admin admin = Admin.create(site.site().clientSettings())) {
            for (TopicSetup.Found found : new TopicSetup(admin).ensure(partitions, replication, retention)) {
                out().printf(
                                "%-14s %s: %d partitions, %d %s%n",
                                found.topic(),
                                found.created() ? "created" : "exists already",
                                found.partitions(),
                                found.replication(),
                                found.replication() == 1 ? "copy" : "copies");
            }
        }
        return 0;
    }

    @Command(
            name = "describe",
            description = "Show which topics exist.",
            mixinStandardHelpOptions = true,
            footer = {"", "Example:  jepa topics describe --bootstrap-servers localhost:9092"})
    int describe(@Mixin SiteOptions site) throws IOException, InterruptedException {
        try (Admin admin = Admin.create(site.site().clientSettings())) {
            Map<String, TopicDescription> topics = new TopicSetup(admin).describe();
            for (String name : Topics.ALL) {
                TopicDescription topic = topics.get(name);
                out().printf(
                                "%-14s %s%n",
                                name,
                                topic == null
                                        ? "missing: run 'jepa topics create'"
                                        : topic.partitions().size() + " partitions");
            }
        }
        return 0;
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }
}
