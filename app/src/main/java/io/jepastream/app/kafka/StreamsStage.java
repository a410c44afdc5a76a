package io.jepastream.app.kafka;

import io.jepastream.ingest.wire.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.LagInfo;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One topology at work, exactly once: the streams client, its threads and its state directory. */
public final class StreamsStage implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StreamsStage.class);
    private static final Duration LONGEST_CLOSE = Duration.ofSeconds(10);

    private final String name;
    private final LocalState state;
    private final KafkaStreams streams;
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final CountDownLatch over = new CountDownLatch(1);
    private final Failures failures = new Failures(System::nanoTime);
    private final RestoreWatch restores = new RestoreWatch();

    /**
     * What differs from stage to stage.
     *
     * @param name of the stage; the group is the site's, a dash, and this
     * @param threads stream threads, 1 or more
     * @param commitInterval time between transactions
     * @param transactionTimeout longest time that a transaction may take; when the state directory of a worker that was killed
     *     is lost, its last transaction holds up readers for as long
     * @param recordsAtOnce most records that a thread takes at once; small where records are large and slow
     * @param standbys other workers that keep a copy of each store, so that one can take over at once; 0 is none
     * @param stateDirectory local stores; kept between starts of the same worker
     */
    public record Settings(
            String name,
            int threads,
            Duration commitInterval,
            Duration transactionTimeout,
            int recordsAtOnce,
            int standbys,
            Path stateDirectory) {}

    /**
     * Prepares the stage; {@link #start} lets it run.
     *
     * @param site the cluster
     * @param settings of this stage
     * @param topology what to run
     */
    public StreamsStage(Site site, Settings settings, Topology topology) {
        name = settings.name();
        state = new LocalState(settings.stateDirectory());
        streams = new KafkaStreams(topology, properties(site, settings));
        streams.setUncaughtExceptionHandler(this::onFailure);
        streams.setGlobalStateRestoreListener(restores);
        streams.setStateListener((now, before) -> {
            LOG.debug("{}: {} after {}", name, now, before);
            if (now == KafkaStreams.State.ERROR || now == KafkaStreams.State.NOT_RUNNING) {
                over.countDown();
            }
        });
    }

    /** Joins the group and starts to work; local state that the last run found broken is read from the cluster again. */
    public void start() {
        if (state.isDistrusted()) {
            LOG.warn("{}: the local state was broken; it is removed and read from the cluster again", name);
            streams.cleanUp();
            state.trust();
        }
        try {
            streams.start();
        } catch (RuntimeException e) {
            state.distrustIfBroken(e);
            throw e;
        }
    }

    /** Consumer group of the stage at this site. */
    public static String group(Site site, String stage) {
        return site.group() + "-" + stage;
    }

    /** Whether the stage has its partitions and works. */
    public boolean isRunning() {
        return streams.state() == KafkaStreams.State.RUNNING;
    }

    /** What ended the stage, in words, if something did. */
    public Optional<String> failure() {
        return Optional.ofNullable(failure.get()).map(Failures::inWords);
    }

    /** Records of local stores that were read from the cluster since the start, because they were not there or behind. */
    public long restoredRecords() {
        return restores.records();
    }

    /** Partitions that this worker works on itself; those of which it only keeps a copy do not count. */
    public int partitions() {
        return streams.metadataForLocalThreads().stream()
                .flatMap(thread -> thread.activeTasks().stream())
                .mapToInt(task -> task.topicPartitions().size())
                .sum();
    }

    /** Records by which local stores, standbys too, are behind the cluster; by store and partition. */
    public Map<String, Map<Integer, LagInfo>> storeLags() {
        return streams.allLocalStorePartitionLags();
    }

    /**
     * Waits until the stage has ended.
     *
     * @return whether it ended within this time
     */
    public boolean awaitEnd(Duration time) throws InterruptedException {
        return over.await(time.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Commits what was done and leaves the group. */
    @Override
    public void close() {
        boolean clean = streams.close(CloseOptions.timeout(LONGEST_CLOSE)
                .withGroupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP));
        if (!clean) {
            LOG.warn(
                    "{}: did not end within {}; what it had not committed is done again at the next start",
                    name,
                    LONGEST_CLOSE);
        }
    }

    private synchronized StreamThreadExceptionResponse onFailure(Throwable error) {
        boolean broken = state.distrustIfBroken(error); // another thread would find the same
        if (!broken && failures.mayGoOn(error)) {
            LOG.warn("{}: a thread failed and is replaced: {}", name, error, error);
            return StreamThreadExceptionResponse.REPLACE_THREAD;
        }
        LOG.error("{}: ends", name, error);
        failure.compareAndSet(null, error);
        return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
    }

    /**
     * All settings of a stage's clients.
     *
     * @throws IllegalArgumentException if the user's settings give up exactly-once, on which the stages' stores rely
     */
    static Properties properties(Site site, Settings settings) {
        String guarantee =
                site.settings().getOrDefault(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        if (!guarantee.equals(StreamsConfig.EXACTLY_ONCE_V2)) {
            throw new IllegalArgumentException("%s: want %s, got %s"
                    .formatted(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2, guarantee));
        }
        Map<String, Object> all = new HashMap<>(site.clientSettings());
        all.put(StreamsConfig.APPLICATION_ID_CONFIG, group(site, settings.name()));
        all.put(StreamsConfig.CLIENT_ID_CONFIG, group(site, settings.name()));
        all.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        all.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, settings.threads());
        all.put(
                StreamsConfig.COMMIT_INTERVAL_MS_CONFIG,
                settings.commitInterval().toMillis());
        all.put(StreamsConfig.NUM_STANDBY_REPLICAS_CONFIG, settings.standbys());
        all.put(StreamsConfig.STATE_DIR_CONFIG, settings.stateDirectory().toString());
        all.put(StreamsConfig.ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING_CONFIG, true);
        all.put("processing.exception.handler.global.enabled", true); // its constant is deprecated, its warning is not
        all.put(StreamsConfig.BUFFERED_RECORDS_PER_PARTITION_CONFIG, settings.recordsAtOnce());
        all.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 8L << 20);
        all.put(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, StoreMemory.class);
        all.put(StreamsConfig.consumerPrefix(ConsumerConfig.MAX_POLL_RECORDS_CONFIG), settings.recordsAtOnce());
        all.put(StreamsConfig.consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
        all.put(StreamsConfig.consumerPrefix(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG), 4 << 20);
        all.put(StreamsConfig.consumerPrefix(ConsumerConfig.FETCH_MAX_BYTES_CONFIG), 16 << 20);
        all.put(StreamsConfig.consumerPrefix(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG), 10_000);
        all.put(StreamsConfig.consumerPrefix(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG), 3_000);
        all.put(StreamsConfig.producerPrefix(ProducerConfig.MAX_REQUEST_SIZE_CONFIG), Topics.MAX_RECORD_BYTES);
        all.put(StreamsConfig.producerPrefix(ProducerConfig.BATCH_SIZE_CONFIG), 1 << 20);
        all.put(StreamsConfig.producerPrefix(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG), (int)
                settings.transactionTimeout().toMillis());
        all.putAll(site.settings()); // the user's word is last,
        all.put(
                StreamsConfig.BOOTSTRAP_SERVERS_CONFIG,
                site.bootstrapServers()); // and the command line's before the file's
        Properties properties = new Properties();
        properties.putAll(all);
        return properties;
    }
}
