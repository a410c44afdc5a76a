package io.jepastream.encoder.checkpoint;

import io.jepastream.encoder.checkpoint.TensorView.StorageRef;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A stack machine for the part of the pickle language (protocols 2 to 5) that checkpoints use. It makes plain values
 * and descriptions of tensors; a global that {@link Global} does not know ends it on the spot, by name.
 */
final class Unpickler {
    private static final int HIGHEST_PROTOCOL = 5;
    private static final int STOP = '.';

    private enum Mark {
        MARK
    }

    private final PickleInput in;
    private final Rebuild rebuild;
    private final List<Object> stack = new ArrayList<>();
    private final Map<Long, Object> memo = new HashMap<>();
    private final Map<String, StorageRef> storages = new LinkedHashMap<>();

    Unpickler(PickleInput in) {
        this.in = in;
        this.rebuild = new Rebuild(in);
    }

    /** Reads one pickle, up to and with its last instruction. */
    Object read() throws CheckpointException {
        for (int op = in.u1(); op != STOP; op = in.u1()) {
            if (!scalar(op) && !container(op) && !memo(op) && !object(op)) {
                throw in.bad("want an instruction that torch writes, got 0x%02x: not a torch checkpoint".formatted(op));
            }
        }
        Object value = pop();
        if (!stack.isEmpty()) {
            throw in.bad("want one value at the end, got %d".formatted(stack.size() + 1));
        }
        return value;
    }

    /** Every storage that was named, by key. */
    Map<String, StorageRef> storages() {
        return storages;
    }

    private boolean scalar(int op) throws CheckpointException {
        switch (op) {
            case 0x80 -> protocol(in.u1());
            case 0x95 -> in.i8(); // frame length: a hint for readers of streams
            case 'N' -> push(PyNone.NONE);
            case 0x88 -> push(true);
            case 0x89 -> push(false);
            case 'J' -> push((long) in.i4());
            case 'K' -> push((long) in.u1());
            case 'M' -> push((long) in.u2());
            case 0x8a -> push(in.integer(in.u1()));
            case 0x8b -> push(in.integer(in.u4()));
            case 'G' -> push(in.f8());
            case 'X' -> push(in.text(in.u4()));
            case 0x8c -> push(in.text(in.u1()));
            case 0x8d -> push(in.text(in.i8()));
            default -> {
                return false;
            }
        }
        return true;
    }

    private void protocol(int version) throws CheckpointException {
        if (version > HIGHEST_PROTOCOL) {
            throw in.bad("pickle protocol: want at most %d, got %d".formatted(HIGHEST_PROTOCOL, version));
        }
    }

    private boolean container(int op) throws CheckpointException {
        switch (op) {
            case '(' -> push(Mark.MARK);
            case '0' -> pop();
            case '1' -> popToMark();
            case ']' -> push(new ArrayList<>());
            case 'l' -> push(popToMark());
            case 'a' -> append(popLast(1));
            case 'e' -> append(popToMark());
            case ')' -> push(new PyTuple(List.of()));
            case 't' -> push(new PyTuple(popToMark()));
            case 0x85 -> push(new PyTuple(popLast(1)));
            case 0x86 -> push(new PyTuple(popLast(2)));
            case 0x87 -> push(new PyTuple(popLast(3)));
            case '}' -> push(new LinkedHashMap<>());
            case 's' -> setItems(popLast(2));
            case 'u' -> setItems(popToMark());
            case 'd' -> {
                List<Object> pairs = popToMark();
                push(new LinkedHashMap<>());
                setItems(pairs);
            }
            default -> {
                return false;
            }
        }
        return true;
    }

    private boolean memo(int op) throws CheckpointException {
        switch (op) {
            case 'q' -> memo.put((long) in.u1(), top());
            case 'r' -> memo.put(in.u4(), top());
            case 0x94 -> memo.put((long) memo.size(), top());
            case 'h' -> push(recall(in.u1()));
            case 'j' -> push(recall(in.u4()));
            case '2' -> push(top());
            default -> {
                return false;
            }
        }
        return true;
    }

    private boolean object(int op) throws CheckpointException {
        switch (op) {
            case 'c' -> push(global(in.line(), in.line()));
            case 0x93 -> {
                List<Object> names = popLast(2);
                if (!(names.get(0) instanceof String module) || !(names.get(1) instanceof String name)) {
                    throw in.bad("want a global's module and name, got " + Rebuild.kind(names.get(0)));
                }
                push(global(module, name));
            }
            case 'i' -> throw refused(in.line(), in.line());
            case 'R' -> {
                List<Object> call = popLast(2);
                push(rebuild.call(call.get(0), call.get(1)));
            }
            case 'b' -> build(pop());
            case 'Q' -> push(storage(pop()));
            default -> {
                return false;
            }
        }
        return true;
    }

    private Object global(String module, String name) throws CheckpointException {
        return Global.find(module, name).orElseThrow(() -> refused(module, name));
    }

    private CheckpointException refused(String module, String name) {
        return in.bad("refused global '%s.%s': want only tensors and plain values".formatted(module, name));
    }

    /** The only objects with a state are ordered dictionaries; theirs is the version of each module, which we drop. */
    private void build(Object state) throws CheckpointException {
        if (!(top() instanceof Map) || !(state instanceof Map)) {
            throw in.bad("want attributes of a dictionary, got %s for %s"
                    .formatted(Rebuild.kind(state), Rebuild.kind(top())));
        }
    }

    private StorageRef storage(Object id) throws CheckpointException {
        StorageRef storage = rebuild.storage(id);
        StorageRef before = storages.putIfAbsent(storage.key(), storage);
        if (before != null && !before.equals(storage)) {
            throw in.bad("storage %s: want it as before, %s, got %s".formatted(storage.key(), before, storage));
        }
        return storage;
    }

    private Object recall(long index) throws CheckpointException {
        Object value = memo.get(index);
        if (value == null) {
            throw in.bad("want one of %d remembered values, got number %d".formatted(memo.size(), index));
        }
        return value;
    }

    private void append(List<Object> items) throws CheckpointException {
        if (!(top() instanceof ArrayList<?>)) {
            throw in.bad("want a list to append to, got " + Rebuild.kind(top()));
        }
        @SuppressWarnings("unchecked") // every ArrayList on the stack was made here, of Objects
        List<Object> list = (List<Object>) top();
        list.addAll(items);
    }

    private void setItems(List<Object> pairs) throws CheckpointException {
        if (!(top() instanceof Map) || pairs.size() % 2 != 0) {
            throw in.bad("want a dictionary and pairs for it, got %s and %d values"
                    .formatted(Rebuild.kind(top()), pairs.size()));
        }
        @SuppressWarnings("unchecked") // every map on the stack was made here, of Objects
        Map<Object, Object> map = (Map<Object, Object>) top();
        for (int i = 0; i < pairs.size(); i += 2) {
            map.put(rebuild.key(pairs.get(i)), pairs.get(i + 1));
        }
    }

    private void push(Object value) {
        stack.add(value);
    }

    private Object top() throws CheckpointException {
        if (stack.isEmpty() || stack.get(stack.size() - 1) == Mark.MARK) {
            throw in.bad("want a value, got none");
        }
        return stack.get(stack.size() - 1);
    }

    private Object pop() throws CheckpointException {
        Object value = top();
        stack.remove(stack.size() - 1);
        return value;
    }

    private List<Object> popLast(int count) throws CheckpointException {
        List<Object> values = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            values.add(0, pop());
        }
        return values;
    }

    private List<Object> popToMark() throws CheckpointException {
        int mark = stack.lastIndexOf(Mark.MARK);
        if (mark < 0) {
            throw in.bad("want a mark, got none");
        }
        List<Object> above = stack.subList(mark, stack.size());
        List<Object> values = new ArrayList<>(above.subList(1, above.size()));
        above.clear();
        return values;
    }
}
