package io.jepastream.encoder.huggingface;

import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import io.jepastream.encoder.checkpoint.CheckpointException;
import io.jepastream.encoder.tensor.Dtype;
import io.jepastream.encoder.tensor.HostTensor;
import io.jepastream.encoder.tensor.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The tensors of a directory: one {@code model.safetensors}, or several files that an index names. Reads lazily. */
final class HfWeights {
    static final String SINGLE = "model.safetensors";
    static final String INDEX = "model.safetensors.index.json";

    private static final Set<Dtype> FLOATING = EnumSet.of(Dtype.F32, Dtype.F16, Dtype.BF16);
    private static final int MAX_INDEX = 16 << 20;
    private static final int NAMED_IN_ERRORS = 5;

    private final Path directory;
    private final Map<String, Safetensors> tensors = new LinkedHashMap<>();

    private HfWeights(Path directory) {
        this.directory = directory;
    }

    static boolean in(Path directory) {
        return Files.isRegularFile(directory.resolve(SINGLE)) || Files.isRegularFile(directory.resolve(INDEX));
    }

    /**
     * Reads the index, where there is one, and all headers.
     *
     * @throws CheckpointException if the files do not hold what the index says
     */
    static HfWeights open(Path directory) throws IOException {
        HfWeights weights = new HfWeights(directory);
        if (Files.isRegularFile(directory.resolve(INDEX))) {
            weights.indexed();
        } else if (Files.isRegularFile(directory.resolve(SINGLE))) {
            Safetensors file = Safetensors.open(directory.resolve(SINGLE));
            file.names().forEach(name -> weights.tensors.put(name, file));
        } else {
            throw weights.bad("want %s or %s, got neither".formatted(SINGLE, INDEX));
        }
        return weights;
    }

    private void indexed() throws IOException {
        JsonNode map = HfDirectory.json(directory.resolve(INDEX), MAX_INDEX).path("weight_map");
        if (!map.isObject() || map.isEmpty()) {
            throw bad("%s: want a field 'weight_map' with a file for each tensor, got %s"
                    .formatted(INDEX, map.getNodeType()));
        }
        Map<String, Safetensors> files = new HashMap<>();
        for (Map.Entry<String, JsonNode> entry : map.properties()) {
            String file = entry.getValue().asText();
            if (!file.matches("[A-Za-z0-9_.-]+\\.safetensors")) {
                throw bad("%s: '%s': want the name of a .safetensors file in the directory, got '%s'"
                        .formatted(INDEX, entry.getKey(), file));
            }
            Safetensors shard = files.get(file);
            if (shard == null) {
                shard = Safetensors.open(directory.resolve(file));
                files.put(file, shard);
            }
            if (!shard.names().contains(entry.getKey())) {
                throw bad("%s: want '%s' in %s, got none".formatted(INDEX, entry.getKey(), file));
            }
            tensors.put(entry.getKey(), shard);
        }
        for (Map.Entry<String, Safetensors> file : files.entrySet()) {
            for (String name : file.getValue().names()) {
                if (!tensors.containsKey(name)) {
                    throw bad("%s: want every tensor of %s, got no '%s'".formatted(INDEX, file.getKey(), name));
                }
            }
        }
    }

    Set<String> names() {
        return tensors.keySet();
    }

    boolean anyStarts(String prefix) {
        return tensors.keySet().stream().anyMatch(name -> name.startsWith(prefix));
    }

    /** Shape and type of a tensor that is there. */
    HostTensor peek(String name) throws IOException {
        Safetensors file = tensors.get(name);
        if (file == null) {
            throw bad("'%s': want this tensor, got none".formatted(name));
        }
        return file.read(name);
    }

    /**
     * Checks that exactly these tensors are here, with these shapes.
     *
     * @param allow names whose presence is waived
     * @param others names that somebody else reads
     */
    void requireExactly(Map<String, Shape> wanted, Set<String> others, Set<String> allow) throws IOException {
        Set<String> missing = new LinkedHashSet<>(wanted.keySet());
        missing.removeAll(tensors.keySet());
        Set<String> unexpected = new LinkedHashSet<>(tensors.keySet());
        unexpected.removeAll(wanted.keySet());
        unexpected.removeAll(others);
        unexpected.removeAll(allow);
        if (!missing.isEmpty() || !unexpected.isEmpty()) {
            throw bad("want exactly %d tensors, got %d: missing %s, unexpected %s"
                    .formatted(wanted.size(), tensors.size() - others.size(), first(missing), first(unexpected)));
        }
        for (Map.Entry<String, Shape> want : wanted.entrySet()) {
            long[] shape = want.getValue().getShape();
            HostTensor got = peek(want.getKey());
            if (!Arrays.equals(shape, got.shape())) {
                throw bad("'%s': want shape %s, got %s".formatted(want.getKey(), Arrays.toString(shape), got));
            }
            if (!FLOATING.contains(got.dtype())) {
                throw bad("'%s': want one of %s, got %s".formatted(want.getKey(), FLOATING, got.dtype()));
            }
        }
    }

    private static String first(Set<String> names) {
        String some = names.stream().limit(NAMED_IN_ERRORS).toList().toString();
        return names.size() <= NAMED_IN_ERRORS ? some : some + " and %d more".formatted(names.size() - NAMED_IN_ERRORS);
    }

    /** A tensor that is checked to be finite, unless waived. */
    HostTensor read(String name, Set<String> allow) throws IOException {
        HostTensor tensor = peek(name);
        int at = allow.contains(name) ? -1 : tensor.firstNonFinite();
        if (at >= 0) {
            throw bad("'%s': want finite values, got %s at index %d"
                    .formatted(name, tensor.slice(at, 1).floats()[0], at));
        }
        return tensor;
    }

    /**
     * Reads the official tensors: those stored in parts are joined when written.
     *
     * @param prefix before every stored name
     */
    Map<String, HostTensor> read(Map<String, Shape> official, HfNames.Naming naming, String prefix, Set<String> allow)
            throws IOException {
        Map<String, HostTensor> state = new LinkedHashMap<>();
        for (Map.Entry<String, Shape> want : official.entrySet()) {
            List<HostTensor> parts = new ArrayList<>();
            for (String name : naming.of(want.getKey())) {
                parts.add(read(prefix + name, allow));
            }
            Dtype dtype = parts.get(0).dtype();
            if (parts.stream().anyMatch(part -> part.dtype() != dtype)) {
                throw bad("'%s': want its parts in one type, got %s".formatted(want.getKey(), parts));
            }
            state.put(want.getKey(), HostTensor.joined(parts, want.getValue().getShape()));
        }
        return state;
    }

    CheckpointException bad(String what) {
        return new CheckpointException(directory, what);
    }
}
