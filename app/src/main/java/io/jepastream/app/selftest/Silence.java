package io.jepastream.app.selftest;

import io.jepastream.app.kafka.Site;
import io.jepastream.app.kafka.TopicReader;
import io.jepastream.ingest.wire.Topics;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/** For how long a consumer of embeddings hears nothing of a camera. */
final class Silence implements AutoCloseable {
    private final Map<String, Long> last = new HashMap<>();
    private final TopicReader reader;
    private final Thread thread;
    private volatile boolean open = true;
    private volatile @Nullable RuntimeException failure;
    private long longest;
    private long heard;

    /** Starts to listen. */
    Silence(Site site, List<String> cameras) {
        long now = System.nanoTime();
        cameras.forEach(camera -> last.put(camera, now));
        reader = TopicReader.open(site, Topics.EMBEDDINGS, false);
        thread = new Thread(this::listen, "silence");
        thread.setDaemon(true);
        thread.start();
    }

    /** The longest silence of a camera since this was last asked, those that still go on included. */
    synchronized Duration longest() {
        long now = System.nanoTime();
        long found = longest;
        for (long since : last.values()) {
            found = Math.max(found, now - since);
        }
        longest = 0;
        RuntimeException failed = failure;
        if (failed != null) {
            throw new IllegalStateException("listening to embeddings failed: " + failed.getMessage(), failed);
        }
        return Duration.ofNanos(found);
    }

    /** Whether every camera was heard after this instant of {@link System#nanoTime}. */
    synchronized boolean allHeardSince(long nanos) {
        return last.values().stream().allMatch(time -> time - nanos > 0);
    }

    /** Embeddings heard so far. */
    synchronized long heard() {
        return heard;
    }

    private void listen() {
        try (reader) {
            while (open) {
                reader.poll().forEach(this::hear);
            }
        } catch (RuntimeException e) { // who asks next must learn of it
            failure = e;
        }
    }

    private synchronized void hear(ConsumerRecord<byte[], byte[]> record) {
        long now = System.nanoTime();
        heard++;
        Long before = last.put(Names.camera(record.key()), now);
        if (before != null) {
            longest = Math.max(longest, now - before);
        }
    }

    @Override
    public void close() {
        open = false;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
