package io.jepastream.encoder.checkpoint;

import ai.djl.ndarray.types.Shape;
import io.jepastream.encoder.tensor.Dtype;
import io.jepastream.encoder.tensor.HostTensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/** The tensors under one top-level key of a checkpoint, by official name without wrapper prefixes. */
public final class StateDict {
    private static final Set<Dtype> FLOATING = EnumSet.of(Dtype.F32, Dtype.F16, Dtype.BF16);
    private static final int NAMED_IN_ERRORS = 5;

    private final Path file;
    private final String key;
    private final Map<String, TorchTensor> tensors = new LinkedHashMap<>();

    /**
     * Takes the wrapper prefixes off.
     *
     * @throws CheckpointException if {@code value} is not a dictionary of tensors, or two names become one
     */
    public StateDict(Path file, String key, Object value) throws CheckpointException {
        this.file = file;
        this.key = key;
        if (!(value instanceof Map<?, ?> map)) {
            throw bad("want a dictionary of tensors, got " + Rebuild.kind(value));
        }
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            String name = bare(entry.getKey().toString());
            if (!(entry.getValue() instanceof TorchTensor tensor)) {
                throw bad("'%s': want a tensor, got %s".formatted(name, Rebuild.kind(entry.getValue())));
            }
            if (tensors.put(name, tensor) != null) {
                throw bad("'%s': want it once, got it under two prefixes".formatted(name));
            }
        }
    }

    /** The name without {@code module.} and {@code backbone.}, which data-parallel and multi-mask wrappers add. */
    private static String bare(String name) {
        String rest = name;
        while (rest.startsWith("module.") || rest.startsWith("backbone.")) {
            rest = rest.substring(rest.indexOf('.') + 1);
        }
        return rest;
    }

    /** Whether there is a tensor of this official name. */
    public boolean has(String name) {
        return tensors.containsKey(name);
    }

    /**
     * Shape of a tensor that has to be there.
     *
     * @param sides how many sides it has to have
     * @throws CheckpointException naming the tensor, if it is missing or has other sides
     */
    public long[] shape(String name, int sides) throws CheckpointException {
        TorchTensor tensor = tensors.get(name);
        if (tensor == null || tensor.shape().length != sides) {
            throw bad(
                    "'%s': want a tensor of %d sides, got %s".formatted(name, sides, tensor == null ? "none" : tensor));
        }
        long[] shape = tensor.shape();
        if (Arrays.stream(shape).anyMatch(side -> side < 1 || side > Integer.MAX_VALUE)) {
            throw bad("'%s': want sides from 1, got %s".formatted(name, tensor));
        }
        return shape;
    }

    /** How many of {@code prefix + 0 + suffix}, {@code prefix + 1 + suffix} and so on there are without a gap. */
    public int count(String prefix, String suffix) {
        int n = 0;
        while (has(prefix + n + suffix)) {
            n++;
        }
        return n;
    }

    /**
     * Reads exactly the wanted tensors.
     *
     * @param ignored names to pass over where they are not wanted
     * @param allow names that the caller waives: unexpected ones are dropped, non-finite ones kept
     * @throws CheckpointException naming the first missing, unexpected, mis-shaped or non-finite tensor
     * @throws IOException if the file cannot be read
     */
    public Map<String, HostTensor> read(Map<String, Shape> wanted, Set<String> ignored, Set<String> allow)
            throws IOException {
        requireNames(wanted.keySet(), ignored, allow);
        for (Map.Entry<String, Shape> want : wanted.entrySet()) {
            requireShape(want.getKey(), want.getValue().getShape());
        }
        Map<String, HostTensor> state = new LinkedHashMap<>();
        for (String name : wanted.keySet()) {
            TorchTensor tensor = tensors.get(name);
            if (tensor != null) {
                HostTensor values = tensor.read();
                if (!allow.contains(name)) {
                    requireFinite(name, values);
                }
                state.put(name, values);
            }
        }
        return state;
    }

    private void requireNames(Set<String> wanted, Set<String> ignored, Set<String> allow) throws CheckpointException {
        Set<String> missing = new LinkedHashSet<>(wanted);
        missing.removeAll(tensors.keySet());
        Set<String> unexpected = new LinkedHashSet<>(tensors.keySet());
        unexpected.removeAll(wanted);
        unexpected.removeAll(ignored);
        unexpected.removeAll(allow);
        if (!missing.isEmpty() || !unexpected.isEmpty()) {
            throw bad("want exactly %d tensors, got %d: missing %s, unexpected %s"
                    .formatted(wanted.size(), tensors.size(), first(missing), first(unexpected)));
        }
    }

    private static String first(Set<String> names) {
        String some = names.stream().limit(NAMED_IN_ERRORS).toList().toString();
        return names.size() <= NAMED_IN_ERRORS ? some : some + " and %d more".formatted(names.size() - NAMED_IN_ERRORS);
    }

    private void requireShape(String name, long[] wanted) throws CheckpointException {
        TorchTensor tensor = tensors.get(name);
        if (tensor == null || !Arrays.equals(wanted, tensor.shape())) {
            throw bad("'%s': want shape %s, got %s".formatted(name, Arrays.toString(wanted), tensor));
        }
        if (!FLOATING.contains(tensor.dtype())) {
            throw bad("'%s': want one of %s, got %s".formatted(name, FLOATING, tensor.dtype()));
        }
    }

    private void requireFinite(String name, HostTensor values) throws CheckpointException {
        int at = values.firstNonFinite();
        if (at >= 0) {
            throw bad("'%s': want finite values, got %s at index %d"
                    .formatted(name, values.slice(at, 1).floats()[0], at));
        }
    }

    /** An error about this dictionary. */
    public CheckpointException bad(String what) {
        return new CheckpointException(file, key + ": " + what);
    }
}
