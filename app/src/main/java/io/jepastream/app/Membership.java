package io.jepastream.app;

import io.jepastream.app.kafka.ModelAgreement;
import io.jepastream.app.kafka.ModelSheet;
import io.jepastream.app.kafka.SchemaLog;
import io.jepastream.app.kafka.Schemas;
import io.jepastream.app.kafka.Site;
import io.jepastream.app.kafka.SiteLog;
import io.jepastream.app.kafka.TopicCheck;
import io.jepastream.ingest.wire.WriterSchemas;
import java.time.Duration;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A process at its site: the topics are checked and the schemas of its records published before it writes any, and it ends when
 * the site is given another model than its own. Used by one thread, but for the schemas.
 */
final class Membership implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Membership.class);
    private static final long LOOK_NANOS = Duration.ofSeconds(5).toNanos();

    private final Site site;
    private final SiteLog log;
    private final SchemaLog schemas;
    private @Nullable ModelAgreement agreement;
    private long lookedAt;

    private Membership(Site site, SiteLog log) {
        this.site = site;
        this.log = log;
        schemas = new SchemaLog(log);
    }

    /**
     * Joins; fails early where a topic is missing or cannot be worked with.
     *
     * @throws IllegalArgumentException naming the topic, what is wanted and what it is
     */
    static Membership join(Site site) throws InterruptedException {
        try (Admin admin = Admin.create(site.clientSettings())) {
            new TopicCheck(site).require(admin);
        }
        SiteLog log = new SiteLog(site);
        Membership membership = new Membership(site, log);
        membership.schemas.publish(site, Schemas.WRITTEN);
        return membership;
    }

    /** Schemas that later releases write with at this site. */
    WriterSchemas schemas() {
        return schemas;
    }

    /**
     * Agrees with the other workers on the model.
     *
     * @param replaced digest of the model that may be replaced by ours; empty: none
     * @throws IllegalArgumentException if the others have another, saying what differs
     */
    void agreeOn(ModelSheet ours, String replaced) {
        agreement = new ModelAgreement(site, log, ours);
        agreement.seek(replaced);
        lookedAt = System.nanoTime();
    }

    /** Gives the site this model, whatever it had: it is this process's own. */
    void impose(ModelSheet ours) {
        agreement = new ModelAgreement(site, log, ours);
        agreement.impose();
        lookedAt = System.nanoTime();
    }

    /** Why this process must end, if it must; asks the cluster every few seconds. */
    Optional<String> broken() {
        if (agreement == null || System.nanoTime() - lookedAt < LOOK_NANOS) {
            return Optional.empty();
        }
        lookedAt = System.nanoTime();
        try {
            return agreement.broken();
        } catch (KafkaException e) { // the stages wait for the cluster too, and say so; asked again in a while
            LOG.warn("whether the site's model is still this one could not be asked: {}", e.getMessage());
            return Optional.empty();
        }
    }

    @Override
    public void close() {
        log.close();
    }
}
