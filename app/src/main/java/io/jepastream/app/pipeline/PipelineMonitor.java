package io.jepastream.app.pipeline;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.jepastream.app.kafka.Site;
import io.jepastream.app.kafka.TopicReader;
import io.jepastream.ingest.wire.ClipGap;
import io.jepastream.ingest.wire.DeadLetter;
import io.jepastream.ingest.wire.Topics;
import io.jepastream.ingest.wire.Wire;
import io.jepastream.ingest.wire.WireException;
import io.jepastream.probeheads.wire.ActionLabels;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Follows what the stages commit, as any consumer would, and keeps count of it per camera. */
public final class PipelineMonitor implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PipelineMonitor.class);
    private static final List<String> FOLLOWED =
            List.of(Topics.CLIPS, Topics.CLIP_GAPS, Topics.EMBEDDINGS, Topics.ACTION_LABELS, Topics.DEAD_LETTERS);
    private static final int QUIET_ROUNDS = 2; // the markers of one transaction reach its topics one after the other

    private final Wire<ClipGap> gaps = Wire.gaps();
    private final Wire<ActionLabels> labels =
            Wire.of(ActionLabels.getClassSchema(), new ActionLabels().getSpecificData());
    private final Map<String, CameraTally> tallies = new ConcurrentHashMap<>();
    private final Set<String> cameras;
    private final Consumer<ActionLabels> onLabels;
    private final TopicReader reader;
    private final Thread thread;
    private volatile boolean open = true;
    private volatile @Nullable CompletableFuture<Void> drained;

    /**
     * Starts to follow, from what is committed next.
     *
     * @param site the cluster, its topics made
     * @param cameras the ids to follow: others may share the cluster
     * @param onLabels called for each set of labels, on the monitor's thread; quick
     */
    public PipelineMonitor(Site site, Set<String> cameras, Consumer<ActionLabels> onLabels) {
        this.cameras = Set.copyOf(cameras);
        this.onLabels = onLabels;
        reader = TopicReader.open(site, FOLLOWED, false);
        thread = new Thread(this::follow, "pipeline-monitor");
        thread.setDaemon(true);
        thread.start();
    }

    /** What was committed so far, by camera, in the order of their names. */
    public Map<String, CameraTally> tallies() {
        return new TreeMap<>(tallies);
    }

    /** Completes when every clip that is committed by then was encoded or given up, and that was seen here. */
    public CompletableFuture<Void> whenDrained() {
        CompletableFuture<Void> future = new CompletableFuture<>();
        drained = future;
        return future;
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

    private void follow() {
        try (reader) {
            CompletableFuture<Void> watched = null;
            int quiet = 0;
            while (open) {
                reader.poll().forEach(this::count);
                CompletableFuture<Void> wanted = drained;
                if (wanted == null) {
                    continue;
                }
                if (wanted != watched) {
                    watched = wanted;
                    quiet = 0;
                    reader.moveEnd();
                } else if (reader.recordsLeft() == 0) {
                    quiet = tallies.values().stream().allMatch(CameraTally::isEncoded) ? quiet + 1 : 0;
                    if (quiet > QUIET_ROUNDS) {
                        wanted.complete(null);
                    }
                    reader.moveEnd();
                }
            }
        } catch (RuntimeException e) { // the one thread that watches: who waits for it must learn why it stopped
            LOG.error("the monitor stopped", e);
            CompletableFuture<Void> waiting = drained;
            if (waiting != null) {
                waiting.completeExceptionally(e);
            }
        }
    }

    private void count(ConsumerRecord<byte[], byte[]> record) {
        String camera = record.key() == null ? "" : new String(record.key(), UTF_8);
        if (!cameras.contains(camera)) {
            return;
        }
        try {
            String topic = record.topic();
            if (topic.equals(Topics.CLIPS)) {
                add(camera, new CameraTally(1, 0, 0, 0, 0));
            } else if (topic.equals(Topics.CLIP_GAPS)) {
                add(camera, new CameraTally(0, gaps.read(record.value()).getWindows(), 0, 0, 0));
            } else if (topic.equals(Topics.EMBEDDINGS)) {
                add(camera, new CameraTally(0, 0, 1, 0, 0));
            } else if (topic.equals(Topics.ACTION_LABELS)) {
                onLabels.accept(labels.read(record.value()));
            } else {
                add(camera, isClip(record) ? new CameraTally(0, 0, 0, 1, 0) : new CameraTally(0, 0, 0, 0, 1));
            }
        } catch (WireException e) {
            LOG.warn("{}-{} at {}: {}", record.topic(), record.partition(), record.offset(), e.getMessage());
        }
    }

    private static boolean isClip(ConsumerRecord<byte[], byte[]> deadLetter) {
        Header topic = deadLetter.headers().lastHeader(DeadLetter.TOPIC);
        return topic != null && new String(topic.value(), UTF_8).equals(Topics.CLIPS);
    }

    private void add(String camera, CameraTally more) {
        tallies.merge(camera, more, CameraTally::plus);
    }
}
