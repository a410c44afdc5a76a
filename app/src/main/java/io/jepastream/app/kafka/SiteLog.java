package io.jepastream.app.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.jepastream.ingest.wire.Topics;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** The last record of each key on {@link Topics#SITE}: what the processes of a site have agreed on. Thread-safe. */
public final class SiteLog implements AutoCloseable {
    private final TopicReader reader;
    private final Map<String, String> last = new HashMap<>();

    /**
     * Opens the log.
     *
     * @param site the cluster; the topic must exist
     */
    public SiteLog(Site site) {
        reader = TopicReader.open(site, Topics.SITE, true);
    }

    /**
     * The last value of each key among everything that is committed by now.
     *
     * @throws org.apache.kafka.common.KafkaException if the cluster does not say so in time
     */
    public synchronized Map<String, String> latest() {
        reader.moveEnd();
        while (reader.recordsLeft() > 0) {
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
