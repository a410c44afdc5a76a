package io.jepastream.app;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.IndexedRecord;

/** What a later release may make of a schema. */
final class LaterSchema {
    private LaterSchema() {}

    /** Fields added at both ends and in nested records, all others in reverse order, the first that has a default dropped. */
    static Schema of(Schema schema) {
        List<Schema.Field> fields = new ArrayList<>();
        boolean dropped = false;
        for (Schema.Field field : schema.getFields()) {
            if (field.hasDefaultValue() && !dropped) {
                dropped = true;
            } else {
                fields.add(new Schema.Field(
                        field.name(),
                        nested(field.schema()),
                        field.doc(),
                        field.hasDefaultValue() ? field.defaultVal() : null));
            }
        }
        Collections.reverse(fields);
        fields.add(0, new Schema.Field("added_text", Schema.create(Schema.Type.STRING), null, "some"));
        fields.add(new Schema.Field(
                "added_numbers", Schema.createArray(Schema.create(Schema.Type.DOUBLE)), null, List.of()));
        return Schema.createRecord(schema.getName(), schema.getDoc(), schema.getNamespace(), false, fields);
    }

    private static Schema nested(Schema schema) {
        if (schema.getType() == Schema.Type.ARRAY) {
            return Schema.createArray(nested(schema.getElementType()));
        }
        if (schema.getType() != Schema.Type.RECORD) {
            return schema;
        }
        List<Schema.Field> fields = new ArrayList<>();
        schema.getFields().forEach(field -> fields.add(new Schema.Field(field, field.schema())));
        fields.add(0, new Schema.Field("added_inside", Schema.create(Schema.Type.LONG), null, 0L));
        return Schema.createRecord(schema.getName(), schema.getDoc(), schema.getNamespace(), false, fields);
    }

    /** The schema with one more symbol of an enum. */
    static Schema withSymbol(Schema schema, String name, String symbol) {
        String text = schema.toString();
        String symbols = enums(schema).stream()
                .filter(each -> each.getName().equals(name))
                .map(each -> "\"symbols\":[\"" + String.join("\",\"", each.getEnumSymbols()))
                .findFirst()
                .orElseThrow();
        return new Schema.Parser().parse(text.replace(symbols, symbols + "\",\"" + symbol));
    }

    /** Every enum inside a schema. */
    static List<Schema> enums(Schema schema) {
        return switch (schema.getType()) {
            case ENUM -> List.of(schema);
            case ARRAY -> enums(schema.getElementType());
            case RECORD ->
                schema.getFields().stream()
                        .flatMap(field -> enums(field.schema()).stream())
                        .toList();
            default -> List.of();
        };
    }

    /** The sample's values under another schema; what the sample does not have is something. */
    static GenericRecord record(Schema schema, IndexedRecord sample) {
        GenericRecord record = new GenericData.Record(schema);
        for (Schema.Field field : schema.getFields()) {
            Schema.Field known = sample.getSchema().getField(field.name());
            record.put(
                    field.pos(),
                    known == null ? something(field.schema()) : value(field.schema(), sample.get(known.pos())));
        }
        return record;
    }

    private static Object value(Schema schema, Object value) {
        if (value instanceof Collection<?> items) {
            return items.stream()
                    .map(item -> value(schema.getElementType(), item))
                    .toList();
        }
        if (value instanceof IndexedRecord record) {
            return record(schema, record);
        }
        return schema.getType() == Schema.Type.ENUM ? new GenericData.EnumSymbol(schema, value.toString()) : value;
    }

    private static Object something(Schema schema) {
        return switch (schema.getType()) {
            case STRING -> "unheard of";
            case LONG -> 77L;
            case ARRAY -> List.of(1.5, 2.5);
            default -> throw new IllegalStateException("no value for " + schema);
        };
    }
}
