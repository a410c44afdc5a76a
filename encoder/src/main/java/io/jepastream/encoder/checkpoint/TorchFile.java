package io.jepastream.encoder.checkpoint;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A file written by {@code torch.save}: the zip layouts and the legacy one of five pickles before the raw storages.
 * Opening reads its values and checks every tensor against its storage, but reads no tensor. Nothing in the file is
 * ever run.
 */
public final class TorchFile {
    private static final String VALUES = "/data.pkl";
    private static final int ZIP_START = 'P' | 'K' << 8;
    private static final BigInteger LEGACY_MAGIC = new BigInteger("119547037146038801333356");
    private static final long LEGACY_PROTOCOL = 1001;

    private final Path path;
    private final Object root;

    private TorchFile(Path path, Object root) {
        this.path = path;
        this.root = root;
    }

    /**
     * Reads everything but the tensors' bytes.
     *
     * @throws CheckpointException if the file is not a sound torch file, or names a global that we do not know
     * @throws IOException if it cannot be read
     */
    public static TorchFile open(Path path) throws IOException {
        FileBytes file = FileBytes.open(path);
        if (file.size() < 2) {
            throw file.bad("want a torch checkpoint, got a file of %d bytes".formatted(file.size()));
        }
        boolean zip = file.map(0, 2, "first bytes").getShort() == ZIP_START;
        return new TorchFile(path, zip ? readZip(file) : readLegacy(file));
    }

    public Path path() {
        return path;
    }

    /**
     * The saved value: {@link TorchTensor}, {@code Long} or {@code BigInteger}, {@code Double}, {@code String},
     * {@code Boolean}, {@link PyNone}, {@link PyTuple}, or a {@code List} or {@code Map} of them.
     */
    public Object root() {
        return root;
    }

    private static Object readZip(FileBytes file) throws IOException {
        ZipRecords records = new ZipRecords(file);
        List<String> found = records.namesEnding(VALUES);
        if (found.size() != 1) {
            throw file.bad("want one record *%s, got %s".formatted(VALUES, found));
        }
        String values = found.get(0);
        String folder = values.substring(0, values.length() - VALUES.length());
        ZipRecords.Range order = records.find(folder + "/byteorder").orElse(new ZipRecords.Range(0, 0));
        String byteOrder = StandardCharsets.UTF_8
                .decode(file.map(order.start(), Math.min(order.bytes(), 16), "byteorder"))
                .toString();
        if (!byteOrder.isEmpty() && !byteOrder.equals("little")) {
            throw file.bad("byteorder: want little, got '%s'".formatted(byteOrder));
        }
        ZipRecords.Range pickle =
                records.find(values).orElseThrow(() -> file.bad("want record %s, got none".formatted(values)));
        Unpickler unpickler =
                new Unpickler(new PickleInput(file, values, file.map(pickle.start(), pickle.bytes(), values)));
        Object value = unpickler.read();
        Map<String, ZipRecords.Range> storages = new HashMap<>();
        for (TensorView.StorageRef storage : unpickler.storages().values()) {
            storages.put(storage.key(), record(file, records, folder + "/data/" + storage.key(), storage));
        }
        return new Resolver(file, storages).resolve(value);
    }

    private static ZipRecords.Range record(
            FileBytes file, ZipRecords records, String name, TensorView.StorageRef storage) throws IOException {
        ZipRecords.Range range = records.find(name)
                .orElseThrow(() -> file.bad("want record %s of %d elements of type %s, got none"
                        .formatted(name, storage.elements(), storage.dtype())));
        if (range.bytes() / storage.dtype().bytes() < storage.elements()) {
            throw file.bad("record %s: want %d elements of type %s, got %d bytes"
                    .formatted(name, storage.elements(), storage.dtype(), range.bytes()));
        }
        return range;
    }

    private static Object readLegacy(FileBytes file) throws IOException {
        PickleInput in = new PickleInput(
                file, "legacy layout", file.map(0, Math.min(file.size(), Integer.MAX_VALUE), "legacy layout"));
        Object magic = new Unpickler(in).read();
        if (!magic.equals(LEGACY_MAGIC)) {
            throw file.bad("want a torch checkpoint, got a pickle of something else");
        }
        Object protocol = new Unpickler(in).read();
        if (!protocol.equals(LEGACY_PROTOCOL)) {
            throw file.bad("legacy protocol: want %d, got %s".formatted(LEGACY_PROTOCOL, Rebuild.kind(protocol)));
        }
        Object system = new Unpickler(in).read();
        if (system instanceof Map<?, ?> facts && Boolean.FALSE.equals(facts.get("little_endian"))) {
            throw file.bad("byte order: want little, got big");
        }
        Unpickler unpickler = new Unpickler(in);
        Object value = unpickler.read();
        if (!(new Unpickler(in).read() instanceof List<?> keys)) {
            throw file.bad("legacy layout: want a list of storage keys, got something else");
        }
        return new Resolver(file, legacyStorages(file, in.position(), keys, unpickler.storages())).resolve(value);
    }

    private static Map<String, ZipRecords.Range> legacyStorages(
            FileBytes file, long start, List<?> keys, Map<String, TensorView.StorageRef> named) throws IOException {
        Map<String, ZipRecords.Range> storages = new LinkedHashMap<>();
        long at = start;
        for (Object key : keys) {
            TensorView.StorageRef storage = key instanceof String text ? named.get(text) : null;
            if (storage == null) {
                throw file.bad("storage keys: want only keys of tensors, got " + Rebuild.kind(key));
            }
            String what = "storage " + storage.key();
            long elements = file.map(at, Long.BYTES, what).getLong();
            if (elements != storage.elements()) {
                throw file.bad("%s: want %d elements, got %d".formatted(what, storage.elements(), elements));
            }
            at += Long.BYTES;
            long left = file.size() - at;
            if (elements > left / storage.dtype().bytes()) {
                throw file.bad("%s: want %d elements of type %s, got only %d bytes: truncated"
                        .formatted(what, elements, storage.dtype(), left));
            }
            storages.put(
                    storage.key(),
                    new ZipRecords.Range(at, elements * storage.dtype().bytes()));
            at += elements * storage.dtype().bytes();
        }
        return storages;
    }
}
