package io.jepastream.encoder.checkpoint;

import io.jepastream.encoder.tensor.Dtype;
import io.jepastream.encoder.tensor.HostTensor;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes plain values and tensors as torch does: protocol 2, tensors as calls of {@code _rebuild_tensor_v2} on storages
 * that are named, not written. One tensor object is one storage, however often it is used.
 */
final class PickleOutput {
    private static final int PROTOCOL = 2;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final IdentityHashMap<HostTensor, Integer> keys = new IdentityHashMap<>();
    private final List<HostTensor> storages = new ArrayList<>();

    /** A dictionary that Python is to read as an {@code OrderedDict}, as state dictionaries are. */
    record State(Map<String, HostTensor> tensors) {}

    /** Writes one pickle. */
    PickleOutput(Object root) {
        op(0x80, PROTOCOL);
        value(root);
        op('.');
    }

    byte[] bytes() {
        return out.toByteArray();
    }

    /** The tensors by the number that the pickle names them by. */
    List<HostTensor> storages() {
        return storages;
    }

    private void value(Object value) {
        if (value instanceof String text) {
            text(text);
        } else if (value instanceof Long number) {
            whole(number);
        } else if (value instanceof Double number) {
            op('G').raw(ByteBuffer.allocate(Double.BYTES).putDouble(number).array());
        } else if (value instanceof Boolean truth) {
            op(truth ? 0x88 : 0x89);
        } else if (value == PyNone.NONE) {
            op('N');
        } else if (value instanceof State state) {
            global("collections", "OrderedDict").op(')', 'R');
            items(state.tensors());
        } else if (value instanceof Map<?, ?> map) {
            op('}');
            items(map);
        } else if (value instanceof List<?> list) {
            op(']', '(');
            list.forEach(this::value);
            op('e');
        } else if (value instanceof HostTensor tensor) {
            tensor(tensor);
        } else {
            throw new IllegalArgumentException("pickle: want a tensor or a plain value, got " + Rebuild.kind(value));
        }
    }

    private void items(Map<?, ?> map) {
        op('(');
        map.forEach((key, item) -> {
            value(key);
            value(item);
        });
        op('u');
    }

    private void tensor(HostTensor tensor) {
        Integer known = keys.putIfAbsent(tensor, storages.size());
        int key = known == null ? storages.size() : known;
        if (known == null) {
            storages.add(tensor);
        }
        global("torch._utils", "_rebuild_tensor_v2").op('(');
        op('(').text("storage").global("torch", storageType(tensor.dtype()));
        text(Integer.toString(key)).text("cpu").whole(tensor.size()).op('t', 'Q');
        whole(0);
        long[] shape = tensor.shape();
        tuple(shape);
        long[] strides = new long[shape.length];
        long step = 1;
        for (int i = shape.length - 1; i >= 0; i--) {
            strides[i] = step;
            step *= shape[i];
        }
        tuple(strides);
        op(0x89).global("collections", "OrderedDict").op(')', 'R', 't', 'R');
    }

    private static String storageType(Dtype dtype) {
        return Global.KNOWN.entrySet().stream()
                .filter(e -> e.getValue() instanceof Global.Storage storage && storage.dtype() == dtype)
                .map(e -> e.getKey().substring("torch.".length()))
                .findFirst()
                .orElseThrow();
    }

    private void tuple(long[] numbers) {
        op('(');
        for (long number : numbers) {
            whole(number);
        }
        op('t');
    }

    private PickleOutput whole(long number) {
        if (number >= 0 && number < 1 << 8) {
            return op('K', (int) number);
        }
        if (number == (int) number) {
            return op('J').little((int) number);
        }
        return op(0x8a, Long.BYTES)
                .raw(ByteBuffer.allocate(Long.BYTES)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(number)
                        .array());
    }

    private PickleOutput text(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        return op('X').little(utf8.length).raw(utf8);
    }

    private PickleOutput global(String module, String name) {
        out.writeBytes("c%s\n%s\n".formatted(module, name).getBytes(StandardCharsets.US_ASCII));
        return this;
    }

    private PickleOutput little(int value) {
        return raw(ByteBuffer.allocate(Integer.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(value)
                .array());
    }

    private PickleOutput op(int... bytes) {
        for (int b : bytes) {
            out.write(b);
        }
        return this;
    }

    private PickleOutput raw(byte[] bytes) {
        out.writeBytes(bytes);
        return this;
    }
}
