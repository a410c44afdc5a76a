package io.jepastream.app.kafka;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;

/**
 * How to reach a Kafka cluster, and the name under which this site's consumer groups run.
 *
 * @param bootstrapServers {@code host:port,...}
 * @param group prefix of group and transactional ids
 * @param settings passed to every client as they are (TLS, SASL and the like)
 */
public record Site(String bootstrapServers, String group, Map<String, String> settings) {
    /** The default prefix of group ids. */
    public static final String DEFAULT_GROUP = "jepastream";

    /** A site whose clients get these settings. */
    public Site {
        settings = Map.copyOf(settings);
    }

    /** Client settings for this cluster, to be added to. */
    public Map<String, Object> clientSettings() {
        Map<String, Object> all = new HashMap<>(settings);
        all.put("bootstrap.servers", bootstrapServers);
        return all;
    }

    /**
     * Client settings from a file of {@code key=value} lines.
     *
     * @throws IOException if the file cannot be read
     */
    public static Map<String, String> read(Path file) throws IOException {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            properties.load(reader);
        }
        Map<String, String> settings = new HashMap<>();
        properties.stringPropertyNames().forEach(name -> settings.put(name, properties.getProperty(name)));
        return settings;
    }

    /** Says where, never how: the settings may hold secrets. */
    @Override
    public String toString() {
        return "%s as %s".formatted(bootstrapServers, group);
    }
}
