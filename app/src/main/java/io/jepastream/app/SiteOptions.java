package io.jepastream.app;

import io.jepastream.app.kafka.Site;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which Kafka cluster. */
final class SiteOptions {
    @Option(names = "--bootstrap-servers", paramLabel = "HOST:PORT", description = "The Kafka cluster.")
    @Nullable
    String bootstrapServers;

    @Option(
            names = "--kafka-config",
            paramLabel = "FILE",
            description = "Client settings, key=value lines, passed to Kafka as they are (TLS, SASL, ...).")
    @Nullable
    Path kafkaConfig;

    @Option(
            names = "--group",
            paramLabel = "NAME",
            defaultValue = Site.DEFAULT_GROUP,
            description = "Prefix of consumer groups and transactional ids (default ${DEFAULT-VALUE}).")
    String group = Site.DEFAULT_GROUP;

    /** Whether the user named a cluster. */
    boolean isGiven() {
        return bootstrapServers != null || kafkaConfig != null;
    }

    /** The cluster that the user named. */
    Site site() throws IOException {
        Map<String, String> settings = kafkaConfig == null ? Map.of() : Site.read(kafkaConfig);
        String servers = bootstrapServers != null ? bootstrapServers : settings.get("bootstrap.servers");
        if (servers == null) {
            throw new UsageException("want --bootstrap-servers HOST:PORT, or bootstrap.servers in --kafka-config");
        }
        return new Site(servers, group, settings);
    }

    /** A cluster inside this process. */
    Site embedded(String servers) {
        return new Site(servers, group, Map.of());
    }
}
