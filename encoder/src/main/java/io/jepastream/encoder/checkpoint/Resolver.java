package io.jepastream.encoder.checkpoint;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/** Replaces the descriptions of tensors in a pickle's values by checked tensors; shared values stay shared. */
final class Resolver {
    private static final int MAX_DEPTH = 100;

    private final FileBytes file;
    private final Map<String, ZipRecords.Range> storages;
    private final IdentityHashMap<Object, Object> done = new IdentityHashMap<>();
    private final AtomicLong room;

    Resolver(FileBytes file, Map<String, ZipRecords.Range> storages) {
        this.file = file;
        this.storages = storages;
        this.room = new AtomicLong(TorchTensor.roomOf(file.size()));
    }

    Object resolve(Object value) throws CheckpointException {
        return resolve(value, "", 0);
    }

    private Object resolve(Object value, String name, int depth) throws CheckpointException {
        if (depth > MAX_DEPTH) {
            throw file.bad(
                    "want values nested at most %d deep, got more at '%s'".formatted(MAX_DEPTH, shortened(name)));
        }
        if (value instanceof Number || value instanceof String || value instanceof Boolean || value == PyNone.NONE) {
            return value;
        }
        Object before = done.get(value);
        return before == null ? replaced(value, name, depth) : before;
    }

    private Object replaced(Object value, String name, int depth) throws CheckpointException {
        if (value instanceof TensorView view) {
            return remember(value, tensor(view, name));
        }
        if (value instanceof PyTuple tuple) {
            List<Object> items = new ArrayList<>();
            fill(items, tuple.items(), name, depth);
            return remember(value, new PyTuple(items));
        }
        if (value instanceof List<?> list) {
            List<Object> items = new ArrayList<>();
            remember(value, items);
            fill(items, list, name, depth);
            return items;
        }
        if (value instanceof Map<?, ?> map) {
            Map<Object, Object> entries = new LinkedHashMap<>();
            remember(value, entries);
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                entries.put(entry.getKey(), resolve(entry.getValue(), child(name, entry.getKey()), depth + 1));
            }
            return entries;
        }
        throw file.bad(
                "value '%s': want a tensor or a plain value, got %s".formatted(shortened(name), Rebuild.kind(value)));
    }

    private void fill(List<Object> out, List<?> items, String name, int depth) throws CheckpointException {
        for (int i = 0; i < items.size(); i++) {
            out.add(resolve(items.get(i), child(name, i), depth + 1));
        }
    }

    private Object remember(Object from, Object to) {
        done.put(from, to);
        return to;
    }

    private TorchTensor tensor(TensorView view, String name) throws CheckpointException {
        ZipRecords.Range storage = storages.get(view.storage().key());
        if (storage == null) {
            throw file.bad("tensor '%s': want storage %s, got none"
                    .formatted(name, view.storage().key()));
        }
        return new TorchTensor(file, name, view, storage, room);
    }

    private static String child(String name, Object key) {
        return shortened(name.isEmpty() ? key.toString() : name + "." + key);
    }

    private static String shortened(String name) {
        return name.length() <= 200 ? name : name.substring(0, 200) + "...";
    }
}
