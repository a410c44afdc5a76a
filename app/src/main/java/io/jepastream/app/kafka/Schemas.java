package io.jepastream.app.kafka;

import io.jepastream.encoder.wire.Embedding;
import io.jepastream.ingest.wire.Clip;
import io.jepastream.ingest.wire.ClipGap;
import io.jepastream.ingest.wire.Frame;
import io.jepastream.probeheads.wire.ActionLabels;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;

/** The schemas that this release writes with. */
public final class Schemas {
    /** Of every record that has one. */
    public static final List<Schema> WRITTEN = List.of(
            Frame.getClassSchema(),
            Clip.getClassSchema(),
            ClipGap.getClassSchema(),
            Embedding.getClassSchema(),
            ActionLabels.getClassSchema());

    private Schemas() {}

    /** CRC-64-AVRO of the canonical form: what a record says of its writer. */
    public static long fingerprint(Schema schema) {
        return SchemaNormalization.parsingFingerprint64(schema);
    }
}
