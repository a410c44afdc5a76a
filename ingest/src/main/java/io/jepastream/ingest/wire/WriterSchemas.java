package io.jepastream.ingest.wire;

import java.util.Optional;
import org.apache.avro.Schema;

/**
 * Schemas that other releases write with. A record names its writer's schema by a fingerprint alone, so that a reader who is older
 * than the writer must be able to ask.
 */
@FunctionalInterface
public interface WriterSchemas {
    /** Knows none: records of later releases cannot be read. */
    WriterSchemas NONE = fingerprint -> Optional.empty();

    /**
     * The schema with this CRC-64-AVRO fingerprint, if somebody has published it. Thread-safe; may wait for a broker.
     *
     * @throws RuntimeException if the place to look cannot be reached: the record may be good, so it must not be given up
     */
    Optional<Schema> find(long fingerprint);
}
