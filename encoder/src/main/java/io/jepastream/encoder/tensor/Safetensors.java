package io.jepastream.encoder.tensor;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.CharConversionException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A safetensors file, read by mapping one tensor at a time, so that files past 2 GiB work and opening one costs only
 * its header: an 8-byte little-endian length, a JSON header, then the tensors' bytes without gaps or overlaps.
 */
public final class Safetensors {
    private static final long MAX_HEADER = 100_000_000;
    private static final ObjectMapper JSON = new ObjectMapper().enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);

    private final Path path;
    private final Map<String, Entry> entries;
    private final Map<String, String> metadata;

    /** Where a tensor lies: absolute offset in the file, and how many bytes. */
    private record Entry(Dtype dtype, List<Long> shape, long offset, long bytes) {
        long[] sides() {
            return shape.stream().mapToLong(Long::longValue).toArray();
        }
    }

    private Safetensors(Path path, Map<String, Entry> entries, Map<String, String> metadata) {
        this.path = path;
        this.entries = Collections.unmodifiableMap(entries);
        this.metadata = Collections.unmodifiableMap(metadata);
    }

    /**
     * Reads and checks the header.
     *
     * @throws IOException if the file cannot be read or is not a well-formed safetensors file
     */
    public static Safetensors open(Path path) throws IOException {
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
            long size = file.size();
            if (size < 8) {
                throw bad(path, "want at least 8 bytes, got " + size);
            }
            long length = read(file, 0, 8).getLong();
            if (length < 2 || length > Math.min(MAX_HEADER, size - 8)) {
                throw bad(path, "header length: want 2..%d, got %d".formatted(Math.min(MAX_HEADER, size - 8), length));
            }
            return parse(path, JSON.readTree(read(file, 8, (int) length).array()), 8 + length, size);
        } catch (JsonProcessingException e) {
            throw new IOException(path + ": not a safetensors file: header is not JSON: " + e.getOriginalMessage(), e);
        } catch (CharConversionException e) { // Jackson's, of bytes that look like UTF-32
            throw new IOException(path + ": not a safetensors file: header is not JSON: " + e.getMessage(), e);
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new IOException(path + ": not a safetensors file: " + e.getMessage(), e);
        }
    }

    private static Safetensors parse(Path path, JsonNode header, long start, long fileSize) throws IOException {
        if (!header.isObject()) {
            throw bad(path, "header: want a JSON object, got " + header.getNodeType());
        }
        Map<String, Entry> entries = new LinkedHashMap<>();
        Map<String, String> metadata = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> field : header.properties()) {
            if (field.getKey().equals("__metadata__")) {
                field.getValue()
                        .properties()
                        .forEach(e -> metadata.put(e.getKey(), e.getValue().asText()));
            } else {
                entries.put(field.getKey(), entry(path, field.getKey(), field.getValue(), start));
            }
        }
        requireGapless(path, entries, start, fileSize);
        return new Safetensors(path, entries, metadata);
    }

    private static Entry entry(Path path, String name, JsonNode node, long start) throws IOException {
        JsonNode offsets = node.path("data_offsets");
        boolean two = offsets.isArray() && offsets.size() == 2;
        if (!node.path("dtype").isTextual() || !node.path("shape").isArray() || !two) {
            throw bad(path, "tensor '%s': want dtype, shape and two data_offsets, got %s".formatted(name, node));
        }
        Dtype dtype = Dtype.named(node.get("dtype").asText());
        List<Long> shape = new ArrayList<>();
        for (JsonNode side : node.get("shape")) {
            shape.add(whole(path, name, side));
        }
        long begin = whole(path, name, offsets.get(0));
        long bytes = Math.subtractExact(whole(path, name, offsets.get(1)), begin);
        Entry entry = new Entry(dtype, List.copyOf(shape), Math.addExact(start, begin), bytes);
        long wanted = Math.multiplyExact(HostTensor.elements(entry.sides()), dtype.bytes());
        if (begin < 0 || bytes != wanted) {
            throw bad(
                    path,
                    "tensor '%s' of %s %s: want %d bytes, got offsets %s"
                            .formatted(name, dtype, shape, wanted, offsets));
        }
        return entry;
    }

    private static long whole(Path path, String name, JsonNode number) throws IOException {
        if (!number.isIntegralNumber() || !number.canConvertToLong()) {
            throw bad(path, "tensor '%s': want sides and offsets as 64-bit integers, got %s".formatted(name, number));
        }
        return number.longValue();
    }

    private static void requireGapless(Path path, Map<String, Entry> entries, long start, long fileSize)
            throws IOException {
        long at = start;
        List<Map.Entry<String, Entry>> order = new ArrayList<>(entries.entrySet());
        order.sort(Comparator.comparingLong(
                        (Map.Entry<String, Entry> e) -> e.getValue().offset())
                .thenComparingLong(e -> e.getValue().bytes()));
        for (Map.Entry<String, Entry> next : order) {
            if (next.getValue().offset() != at) {
                throw bad(
                        path,
                        "tensor '%s': want its bytes to start at %d, got %d"
                                .formatted(
                                        next.getKey(),
                                        at - start,
                                        next.getValue().offset() - start));
            }
            at = Math.addExact(at, next.getValue().bytes());
        }
        if (at != fileSize) {
            throw bad(path, "want %d bytes in all, got %d".formatted(at, fileSize));
        }
    }

    /** Tensor names in the order of the header. */
    public Set<String> names() {
        return entries.keySet();
    }

    /** Free-form strings of the header. */
    public Map<String, String> metadata() {
        return metadata;
    }

    /** Shape of a tensor without touching its bytes. */
    public long[] shape(String name) {
        return find(name).sides();
    }

    /** Element type of a tensor without touching its bytes. */
    public Dtype dtype(String name) {
        return find(name).dtype();
    }

    /** Maps one tensor; its bytes stay mapped until the result is garbage. */
    public HostTensor read(String name) throws IOException {
        Entry entry = find(name);
        if (entry.bytes() > Integer.MAX_VALUE) {
            throw bad(
                    path, "tensor '%s': want at most 2 GiB in one tensor, got %d bytes".formatted(name, entry.bytes()));
        }
        if (entry.bytes() == 0) {
            return new HostTensor(entry.dtype(), entry.sides(), ByteBuffer.allocate(0));
        }
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
            ByteBuffer bytes = file.map(FileChannel.MapMode.READ_ONLY, entry.offset(), entry.bytes());
            return new HostTensor(entry.dtype(), entry.sides(), bytes);
        }
    }

    /** All tensors whose name starts with {@code prefix}, under the rest of their names. */
    public Map<String, HostTensor> readAll(String prefix) throws IOException {
        Map<String, HostTensor> tensors = new LinkedHashMap<>();
        for (String name : names()) {
            if (name.startsWith(prefix)) {
                tensors.put(name.substring(prefix.length()), read(name));
            }
        }
        return tensors;
    }

    private Entry find(String name) {
        Entry entry = entries.get(name);
        if (entry == null) {
            throw new IllegalArgumentException("%s: want a tensor '%s', got only %s"
                    .formatted(path, name, entries.keySet().stream().limit(20).toList()));
        }
        return entry;
    }

    private static ByteBuffer read(FileChannel file, long at, int bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
        while (buffer.hasRemaining()) {
            if (file.read(buffer, at + buffer.position()) < 0) {
                throw new IOException("file ended at byte " + (at + buffer.position()));
            }
        }
        return buffer.flip();
    }

    private static IOException bad(Path path, String what) {
        return new IOException(path + ": not a safetensors file: " + what);
    }
}
