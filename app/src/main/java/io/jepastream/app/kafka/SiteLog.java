package io.jepastream.app.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.jepastream.ingest.wire.Topics;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.TimeoutException;

/** The last record of each key on {@link Topics#SITE}: what the processes of a site have agreed on. Thread-safe. */
public final class SiteLog implements AutoCloseable {
    private static final Duration LONGEST = Duration.ofSeconds(10); // whoever waits may be asked to stop

    private final TopicReader reader;
    private final Map<String, String> last = new HashMap<>();

    /**
     * Opens the log.
     *
     * @param site the cluster; the topic must exist
     */
    public SiteLog(Site site) {
        Map<String, String> settings = new HashMap<>(site.settings());
        settings.put("default.api.timeout.ms", Long.toString(LONGEST.toMillis()));
        reader = TopicReader.open(new Site(site.bootstrapServers(), site.group(), settings), Topics.SITE, true);
    }

    /**
     * The last value of each key among everything that is committed by now.
     *
     * @throws org.apache.kafka.common.KafkaException if the cluster does not say so in time
     */
    public synchronized Map<String, String> latest() {
        long deadline = System.nanoTime() + LONGEST.toNanos();
        reader.moveEnd();
        while (reader.recordsLeft() > 0) {
            if (System.nanoTime() > deadline) {
                throw new TimeoutException("reading %s took longer than %s".formatted(Topics.SITE, LONGEST));
            }
            for (ConsumerRecord<byte[], byte[]> record : reader.poll()) {
                if (record.key() == null) {
                    continue; // not ours: a compacted topic takes none
                }
                String key = new String(record.key(), UTF_8);
                if (record.value() == null) {
                    last.remove(key);
                } else {
                    last.put(key, new String(record.value(), UTF_8));
                }
            }
        }
        return Map.copyOf(last);
    }

    @Override
    public synchronized void close() {
        reader.close();
    }
}
