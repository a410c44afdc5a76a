package io.jepastream.encoder.checkpoint;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Writes small torch files, also ones that torch would not write. */
final class TorchFiles {
    private TorchFiles() {}

    /** A zip file with this pickle and one storage, {@code 0}, of one float. */
    static Path zip(Path path, byte[] pickle, float value) throws IOException {
        byte[] storage = ByteBuffer.allocate(Float.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putFloat(value)
                .array();
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(path))) {
            stored(zip, "archive/data.pkl", pickle);
            stored(zip, "archive/data/0", storage);
        }
        return path;
    }

    static void stored(ZipOutputStream zip, String name, byte[] bytes) throws IOException {
        CRC32 crc = new CRC32();
        crc.update(bytes);
        ZipEntry entry = new ZipEntry(name);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(bytes.length);
        entry.setCrc(crc.getValue());
        zip.putNextEntry(entry);
        zip.write(bytes);
        zip.closeEntry();
    }

    /** A pickle of state dictionaries by key, whose tensors all repeat the one value of storage {@code 0}. */
    static byte[] states(Map<String, Map<String, long[]>> states) {
        Pickle pickle = new Pickle().op(0x80, 2).op('}');
        states.forEach((key, state) -> {
            pickle.text(key).op('}');
            state.forEach((name, shape) ->
                    pickle.text("module.backbone." + name).tensor(shape).op('s'));
            pickle.op('s');
        });
        return pickle.op('.').bytes();
    }

    /** Puts a pickle together. */
    static final class Pickle {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        Pickle op(int... bytes) {
            for (int b : bytes) {
                out.write(b);
            }
            return this;
        }

        Pickle text(String text) {
            byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
            return op('X').little(utf8.length).raw(utf8);
        }

        Pickle global(String module, String name) {
            return op('c').raw((module + "\n" + name + "\n").getBytes(StandardCharsets.UTF_8));
        }

        Pickle tensor(long... shape) {
            global("torch._utils", "_rebuild_tensor_v2").op('(');
            op('(').text("storage").global("torch", "FloatStorage").text("0").text("cpu");
            op('K', 1, 't', 'Q', 'K', 0);
            op('(');
            for (long side : shape) {
                op('J').little((int) side);
            }
            op('t', '(');
            for (int i = 0; i < shape.length; i++) {
                op('K', 0);
            }
            return op('t', 0x89).global("collections", "OrderedDict").op(')', 'R', 't', 'R');
        }

        byte[] bytes() {
            return out.toByteArray();
        }

        private Pickle little(int value) {
            return op(value & 0xFF, value >>> 8 & 0xFF, value >>> 16 & 0xFF, value >>> 24);
        }

        private Pickle raw(byte[] bytes) {
            out.writeBytes(bytes);
            return this;
        }
    }
}
