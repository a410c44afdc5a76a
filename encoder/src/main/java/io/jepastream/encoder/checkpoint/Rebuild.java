package io.jepastream.encoder.checkpoint;

import io.jepastream.encoder.checkpoint.TensorView.StorageRef;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Our own counterparts of the few calls that a checkpoint makes; they build descriptions, not tensors. */
final class Rebuild {
    private static final int TENSOR_ARGUMENTS = 4;
    private static final int STORAGE_ARGUMENTS = 5;
    private static final int MAX_KEY = 64;
    // Torch's own limit; it also keeps a small file from asking for many copies of a long list.
    private static final int MAX_SIDES = 64;

    private final PickleInput in;

    Rebuild(PickleInput in) {
        this.in = in;
    }

    Object call(Object function, Object arguments) throws CheckpointException {
        if (!(function instanceof Global.Builder builder) || !(arguments instanceof PyTuple tuple)) {
            throw in.bad("want a call of a known global with a tuple, got " + kind(function));
        }
        List<Object> items = tuple.items();
        return switch (builder) {
            case TENSOR -> tensor(items);
            case PARAMETER -> parameter(items);
            case ORDERED_DICT -> orderedDict(items);
            case SIZE ->
                items.isEmpty() ? new PyTuple(List.of()) : new PyTuple(List.copyOf(longs(items.get(0), "torch.Size")));
        };
    }

    private TensorView tensor(List<Object> items) throws CheckpointException {
        if (items.size() < TENSOR_ARGUMENTS || !(items.get(0) instanceof StorageRef storage)) {
            throw in.bad("tensor: want a storage, an offset, sizes and strides, got %d values".formatted(items.size()));
        }
        List<Long> sizes = longs(items.get(2), "tensor sizes");
        List<Long> strides = longs(items.get(3), "tensor strides");
        return new TensorView(storage, whole(items.get(1), "tensor offset"), sizes, strides);
    }

    private Object parameter(List<Object> items) throws CheckpointException {
        if (items.isEmpty() || !(items.get(0) instanceof TensorView view)) {
            throw in.bad("parameter: want a tensor, got %d values".formatted(items.size()));
        }
        return view;
    }

    private Map<Object, Object> orderedDict(List<Object> items) throws CheckpointException {
        if (!items.isEmpty()) {
            throw in.bad("OrderedDict: want it empty when built, got %d arguments".formatted(items.size()));
        }
        return new LinkedHashMap<>();
    }

    /** A storage from its persistent id: ('storage', type, key, location, elements), in old files with a view. */
    StorageRef storage(Object id) throws CheckpointException {
        List<Object> items = items(id, "persistent id");
        if (items.size() < STORAGE_ARGUMENTS
                || !items.get(0).equals("storage")
                || !(items.get(1) instanceof Global.Storage type)
                || !(items.get(2) instanceof String key)) {
            throw in.bad("persistent id: want ('storage', type, key, location, elements), got %d values"
                    .formatted(items.size()));
        }
        if (key.length() > MAX_KEY) {
            throw in.bad("storage: want a key of at most %d characters, got %d".formatted(MAX_KEY, key.length()));
        }
        if (items.size() > STORAGE_ARGUMENTS && items.get(STORAGE_ARGUMENTS) != PyNone.NONE) {
            throw in.bad("storage %s: want a whole storage, got a view of another one".formatted(key));
        }
        return new StorageRef(key, type.dtype(), whole(items.get(4), "storage size"));
    }

    /** A dictionary key that cannot change. */
    Object key(Object value) throws CheckpointException {
        if (value instanceof String || value instanceof Number || value instanceof Boolean) {
            return value;
        }
        throw in.bad("dictionary key: want a string, a number or a bool, got " + kind(value));
    }

    private List<Long> longs(Object value, String what) throws CheckpointException {
        List<Object> items = items(value, what);
        if (items.size() > MAX_SIDES) {
            throw in.bad("%s: want at most %d sides, got %d".formatted(what, MAX_SIDES, items.size()));
        }
        List<Long> out = new ArrayList<>();
        for (Object item : items) {
            out.add(whole(item, what));
        }
        return List.copyOf(out);
    }

    private long whole(Object value, String what) throws CheckpointException {
        if (value instanceof Long number && number >= 0) {
            return number;
        }
        throw in.bad("%s: want an integer from 0, got %s".formatted(what, kind(value)));
    }

    private List<Object> items(Object value, String what) throws CheckpointException {
        if (value instanceof PyTuple tuple) {
            return tuple.items();
        }
        if (value instanceof List<?> list) {
            return Collections.unmodifiableList(list);
        }
        throw in.bad("%s: want a tuple or a list, got %s".formatted(what, kind(value)));
    }

    /** What a value is, without printing all of it. */
    static String kind(Object value) {
        if (value instanceof Number || value instanceof Boolean || value instanceof Global) {
            return value.toString();
        }
        return value.getClass().getSimpleName();
    }
}
