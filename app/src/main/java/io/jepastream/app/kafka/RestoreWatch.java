package io.jepastream.app.kafka;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.processor.StateRestoreListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says in the log which local stores were read from the cluster and how long it took, and counts their records. */
final class RestoreWatch implements StateRestoreListener {
    private static final Logger LOG = LoggerFactory.getLogger(RestoreWatch.class);

    private final Map<TopicPartition, Long> began = new ConcurrentHashMap<>();
    private final LongAdder records = new LongAdder();

    @Override
    public void onRestoreStart(TopicPartition changelog, String store, long from, long to) {
        began.put(changelog, System.nanoTime());
    }

    @Override
    public void onBatchRestored(TopicPartition changelog, String store, long end, long count) {
        records.add(count);
    }

    @Override
    public void onRestoreEnd(TopicPartition changelog, String store, long count) {
        Long from = began.remove(changelog);
        if (count > 0 && from != null) {
            LOG.info(
                    "{}: {} records restored in {} ms",
                    changelog,
                    count,
                    TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - from));
        }
    }

    /** Records read since the process began, over all stores. */
    long records() {
        return records.sum();
    }
}
