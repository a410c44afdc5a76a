package io.jepastream.app.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.jepastream.ingest.wire.Topics;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one model of a site: the first worker writes its sheet down on {@link Topics#SITE}, every other must have the same. Who
 * replaces the sheet names the one that goes, so that a worker of the old model cannot come back by a restart.
 */
public final class ModelAgreement {
    /*
     * Look, then write, must be one step: else two workers that start together both find nothing. A transactional id is the lock.
     * initTransactions waits for the end of the transaction before, and whoever looked earlier but has not committed is fenced, and
     * looks again.
     */
    private static final Logger LOG = LoggerFactory.getLogger(ModelAgreement.class);
    private static final String KEY = "model";
    private static final int SHORTEST_DIGEST = 8;
    private static final int TRIES = 20;
    private static final Duration LONGEST_COMMIT = Duration.ofSeconds(30);
    private static final Duration LOOK = Duration.ofMillis(10);

    private final Site site;
    private final SiteLog log;
    private final ModelSheet ours;

    /**
     * An agreement to be sought.
     *
     * @param site the cluster
     * @param log of the site; stays the caller's to close
     * @param ours what this worker serves
     */
    public ModelAgreement(Site site, SiteLog log, ModelSheet ours) {
        this.site = site;
        this.log = log;
        this.ours = ours;
    }

    /**
     * Agrees with the other workers, or is the first.
     *
     * @param replaced the digest of the sheet that ours may replace, or its first eight digits or more; empty: none
     * @throws IllegalArgumentException if the site has another model, which may not be replaced
     */
    public void seek(String replaced) {
        if (isAgreed()) {
            return;
        }
        for (int tries = 1; ; tries++) {
            try (KafkaProducer<byte[], byte[]> producer = producer()) {
                producer.initTransactions();
                Optional<ModelSheet> before = agreed();
                if (!before.map(ours::equals).orElse(false)) {
                    requireReplaceable(replaced);
                    write(producer);
                    awaitVisible(before);
                }
                return;
            } catch (ProducerFencedException | InvalidProducerEpochException e) {
                if (tries == TRIES) {
                    throw new KafkaException("agreeing on the model failed %d times".formatted(TRIES), e);
                }
                LOG.debug("another worker seeks agreement too", e);
            }
        }
    }

    /** Writes our sheet down whatever is there: for a broker that serves this process alone. */
    public void impose() {
        agreed().ifPresent(sheet -> LOG.info("model {} takes the place of {}", ours.digest(), sheet.digest()));
        seek(agreed().map(ModelSheet::digest).orElse(""));
    }

    /** Why this worker must end: the site has another model by now. Asks the cluster. */
    public Optional<String> broken() {
        return agreed().filter(sheet -> !sheet.equals(ours))
                .map(sheet -> "the site's model was replaced by %s; this worker serves %s and ends"
                        .formatted(sheet.digest(), ours.digest()));
    }

    private Optional<ModelSheet> agreed() {
        return Optional.ofNullable(log.latest().get(KEY)).map(ModelSheet::parse);
    }

    private boolean isAgreed() {
        return agreed().map(ours::equals).orElse(false);
    }

    private void requireReplaceable(String replaced) {
        agreed().ifPresent(sheet -> {
            String digest = sheet.digest();
            if (replaced.length() < SHORTEST_DIGEST || !digest.startsWith(replaced)) {
                throw new IllegalArgumentException(
                        ("model: want %s, as the other workers of this site, got %s (%s). To give the site this model, start one"
                                        + " worker with --replace-model %s: the others end")
                                .formatted(digest, ours.digest(), sheet.differencesOf(ours), digest));
            }
        });
    }

    private void write(KafkaProducer<byte[], byte[]> producer) {
        producer.beginTransaction();
        var unused = producer.send(new ProducerRecord<>(
                Topics.SITE, KEY.getBytes(UTF_8), ours.text().getBytes(UTF_8)));
        producer.commitTransaction(); // waits for the record, and throws if it could not be written
    }

    /** Waits until readers see what was committed: the coordinator says so before it has told the partition. */
    private void awaitVisible(Optional<ModelSheet> before) {
        long deadline = System.nanoTime() + LONGEST_COMMIT.toNanos();
        while (agreed().equals(before)) {
            if (System.nanoTime() > deadline) {
                throw new KafkaException(
                        "the site's model was written, and is not to be seen after %s".formatted(LONGEST_COMMIT));
            }
            LockSupport.parkNanos(LOOK.toNanos());
        }
    }

    private KafkaProducer<byte[], byte[]> producer() {
        Map<String, Object> settings = site.clientSettings();
        settings.put("transactional.id", site.group() + "-model-agreement");
        settings.put("acks", "all");
        return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
    }
}
