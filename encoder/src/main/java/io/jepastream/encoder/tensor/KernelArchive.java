package io.jepastream.encoder.tensor;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Packs source text into the archive that the engine loads as a module: a zip of stored entries holding the format
 * version, the class text, a pickle of one instance of it, and an empty tuple of constants.
 */
final class KernelArchive {
    private static final String CLASS = "Kernel";
    private static final int BINUNICODE = 'X';
    private static final int BININT = 'J';
    private static final int BINFLOAT = 'G';

    private KernelArchive() {}

    static byte[] pack(String source, Map<String, Object> constants) throws IOException {
        Map<String, Object> attributes = new TreeMap<>(constants);
        attributes.put("training", false);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            store(zip, "kernel/data.pkl", instance(attributes));
            store(zip, "kernel/code/__torch__.py", classText(source, attributes).getBytes(StandardCharsets.UTF_8));
            store(zip, "kernel/constants.pkl", new byte[] {(byte) 0x80, 2, ')', '.'});
            store(zip, "kernel/version", "3\n".getBytes(StandardCharsets.UTF_8));
        }
        return bytes.toByteArray();
    }

    private static String classText(String source, Map<String, Object> attributes) {
        StringBuilder text = new StringBuilder("class " + CLASS + "(Module):\n");
        text.append("  __parameters__ = []\n  __buffers__ = []\n");
        attributes.forEach((name, value) -> text.append("  ")
                .append(name)
                .append(" : ")
                .append(typeOf(name, value))
                .append('\n'));
        for (String line : source.split("\n", -1)) {
            String bare = line.strip();
            if (!bare.isEmpty() && !bare.startsWith("#")) {
                text.append("  ")
                        .append(line.replace("(self, ", "(self: __torch__." + CLASS + ", "))
                        .append('\n');
            }
        }
        return text.toString();
    }

    private static String typeOf(String name, Object value) {
        if (value instanceof Boolean) {
            return "bool";
        } else if (value instanceof Integer) {
            return "int";
        } else if (value instanceof Double) {
            return "float";
        }
        throw new IllegalArgumentException(
                "constant '%s': want Boolean, Integer or Double, got %s".formatted(name, value));
    }

    /** Pickle, protocol 2, of an object of the class whose state is the attributes. */
    private static byte[] instance(Map<String, Object> attributes) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(new byte[] {(byte) 0x80, 2});
        out.writeBytes(("c__torch__\n" + CLASS + "\n)\u0081}(").getBytes(StandardCharsets.ISO_8859_1));
        attributes.forEach((name, value) -> {
            byte[] key = name.getBytes(StandardCharsets.UTF_8);
            out.write(BINUNICODE);
            out.writeBytes(little(4).putInt(key.length).array());
            out.writeBytes(key);
            value(out, value);
        });
        out.writeBytes("ub.".getBytes(StandardCharsets.ISO_8859_1));
        return out.toByteArray();
    }

    private static void value(ByteArrayOutputStream out, Object value) {
        if (value instanceof Boolean flag) {
            out.write(flag ? 0x88 : 0x89);
        } else if (value instanceof Integer number) {
            out.write(BININT);
            out.writeBytes(little(4).putInt(number).array());
        } else if (value instanceof Double number) {
            out.write(BINFLOAT);
            out.writeBytes(ByteBuffer.allocate(8).putDouble(number).array()); // the one big-endian field of pickle
        }
    }

    private static ByteBuffer little(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static void store(ZipOutputStream zip, String name, byte[] content) throws IOException {
        CRC32 crc = new CRC32();
        crc.update(content);
        ZipEntry entry = new ZipEntry(name);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(content.length);
        entry.setCrc(crc.getValue());
        entry.setTime(0);
        zip.putNextEntry(entry);
        zip.write(content);
        zip.closeEntry();
    }
}
