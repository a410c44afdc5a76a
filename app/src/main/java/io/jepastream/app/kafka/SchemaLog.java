package io.jepastream.app.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.jepastream.ingest.wire.Topics;
import io.jepastream.ingest.wire.WriterSchemas;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.apache.avro.Schema;
import org.apache.avro.SchemaParseException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The schemas that the releases at a site write with, on {@link Topics#SITE}, under {@code schema/FINGERPRINT}. A process
 * publishes its own before it writes its first record, so whoever finds a fingerprint in a record finds the schema there.
 */
public final class SchemaLog implements WriterSchemas {
    private static final Logger LOG = LoggerFactory.getLogger(SchemaLog.class);

    private final SiteLog log;
    private final Map<Long, Schema> found = new ConcurrentHashMap<>();

    /**
     * Looks into this log.
     *
     * @param log stays the caller's to close
     */
    public SchemaLog(SiteLog log) {
        this.log = log;
    }

    @Override
    public Optional<Schema> find(long fingerprint) {
        Schema known = found.get(fingerprint);
        if (known != null) {
            return Optional.of(known);
        }
        String text = log.latest().get(key(fingerprint));
        if (text == null) {
            return Optional.empty();
        }
        Optional<Schema> schema = parse(text).filter(parsed -> Schemas.fingerprint(parsed) == fingerprint);
        schema.ifPresentOrElse(
                parsed -> found.put(fingerprint, parsed),
                () -> LOG.warn("{}: want a schema under {}, got another or none", Topics.SITE, key(fingerprint)));
        return schema;
    }

    /**
     * Publishes those that are not there yet; returns when the cluster has them.
     *
     * @param site the cluster
     * @param schemas of every record that this process may write
     */
    public void publish(Site site, Collection<Schema> schemas) throws InterruptedException {
        Map<String, String> present = log.latest();
        List<Schema> missing = schemas.stream()
                .filter(schema -> !present.containsKey(key(Schemas.fingerprint(schema))))
                .collect(Collectors.toList());
        if (missing.isEmpty()) {
            return;
        }
        Map<String, Object> settings = new HashMap<>(site.clientSettings());
        settings.put("acks", "all");
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            for (Schema schema : missing) {
                Future<RecordMetadata> sent = producer.send(new ProducerRecord<>(
                        Topics.SITE,
                        key(Schemas.fingerprint(schema)).getBytes(UTF_8),
                        schema.toString().getBytes(UTF_8)));
                RecordMetadata at = sent.get();
                LOG.debug("schema of {} published at {}", schema.getName(), at);
            }
        } catch (ExecutionException e) {
            throw new KafkaException("publishing schemas on %s failed: %s".formatted(Topics.SITE, e.getMessage()), e);
        }
    }

    private static String key(long fingerprint) {
        return "schema/%016x".formatted(fingerprint);
    }

    private static Optional<Schema> parse(String text) {
        try {
            return Optional.of(new Schema.Parser().parse(text));
        } catch (SchemaParseException e) {
            return Optional.empty();
        }
    }
}
