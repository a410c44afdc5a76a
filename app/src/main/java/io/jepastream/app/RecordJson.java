package io.jepastream.app;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jepastream.encoder.wire.Embedding;
import io.jepastream.ingest.wire.Topics;
import io.jepastream.ingest.wire.Wire;
import io.jepastream.ingest.wire.WireException;
import io.jepastream.ingest.wire.WriterSchemas;
import io.jepastream.probeheads.wire.ActionLabels;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.Collection;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.IndexedRecord;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;

/** Records of the pipeline as lines of JSON. */
final class RecordJson {
    private final ObjectMapper json = new ObjectMapper();
    private final boolean bulk;
    private final Map<String, Wire<? extends SpecificRecordBase>> wires;

    /**
     * Says how much to print.
     *
     * @param bulk whether bytes are printed in full (vectors as numbers, pictures as base64) or only their size
     */
    RecordJson(boolean bulk) {
        this(bulk, WriterSchemas.NONE);
    }

    /** As {@link #RecordJson(boolean)}, with the fields that this release knows of what a later one has written. */
    RecordJson(boolean bulk, WriterSchemas others) {
        this.bulk = bulk;
        wires = Map.of(
                Topics.FRAMES, Wire.frames(others),
                Topics.CLIPS, Wire.clips(others),
                Topics.CLIP_GAPS, Wire.gaps(others),
                Topics.EMBEDDINGS, Wire.of(Embedding.getClassSchema(), new Embedding().getSpecificData(), others),
                Topics.ACTION_LABELS,
                        Wire.of(ActionLabels.getClassSchema(), new ActionLabels().getSpecificData(), others));
    }

    /** A record of a topic: where it stands, its headers, and its fields or why they cannot be read. */
    String line(String topic, ConsumerRecord<byte[], byte[]> record) {
        ObjectNode line = json.createObjectNode();
        line.put("partition", record.partition());
        line.put("offset", record.offset());
        line.put("key", record.key() == null ? null : new String(record.key(), UTF_8));
        ObjectNode headers = line.putObject("headers");
        for (Header header : record.headers()) {
            headers.put(header.key(), header.value() == null ? null : new String(header.value(), UTF_8));
        }
        Wire<? extends SpecificRecordBase> wire = wires.get(topic);
        if (wire == null || record.value() == null) {
            line.put("bytes", record.value() == null ? 0 : record.value().length);
            if (topic.equals(Topics.SITE) && record.value() != null) {
                line.put("text", new String(record.value(), UTF_8));
            }
            return text(line);
        }
        try {
            line.set("value", record(wire.read(record.value())));
        } catch (WireException e) {
            line.put("unreadable", e.getMessage());
        }
        return text(line);
    }

    /** A record's fields. */
    ObjectNode record(IndexedRecord record) {
        ObjectNode node = json.createObjectNode();
        for (Schema.Field field : record.getSchema().getFields()) {
            put(node, field, record.get(field.pos()));
        }
        return node;
    }

    /** An empty object. */
    ObjectNode object() {
        return json.createObjectNode();
    }

    String text(ObjectNode node) {
        try {
            return json.writeValueAsString(node);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree of plain values does not write as JSON", e);
        }
    }

    private void put(ObjectNode node, Schema.Field field, Object value) {
        String name = field.name();
        if (value instanceof Long micros && isTime(name)) {
            node.put(name, instant(micros));
        } else if (value instanceof ByteBuffer bytes) {
            putBytes(node, name, bytes);
        } else if (value instanceof Collection<?> items) {
            ArrayNode array = node.putArray(name);
            for (Object item : items) {
                if (item instanceof IndexedRecord inner) {
                    array.add(record(inner));
                } else if (item instanceof Long micros && isTime(name)) {
                    array.add(instant(micros));
                } else {
                    array.addPOJO(item);
                }
            }
        } else if (value instanceof Enum<?> symbol) {
            node.put(name, symbol.name());
        } else {
            node.putPOJO(name, value);
        }
    }

    private void putBytes(ObjectNode node, String name, ByteBuffer bytes) {
        if (!bulk) {
            node.put(name + "_bytes", bytes.remaining());
        } else if (name.equals("vector")) {
            ArrayNode array = node.putArray(name);
            ByteBuffer floats = bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
            while (floats.remaining() >= Float.BYTES) {
                array.add(floats.getFloat());
            }
        } else {
            node.put(name, Base64.getEncoder().encodeToString(Wire.bytes(bytes)));
        }
    }

    private static boolean isTime(String field) {
        return field.equals("start")
                || field.equals("end")
                || field.equals("captured_at")
                || field.equals("frame_times");
    }

    private static String instant(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS).toString();
    }
}
