package io.jepastream.encoder.checkpoint;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.CRC32;

/**
 * Writes a zip file the way torch does: every record stored, its bytes beginning at a multiple of 64. Goes over to Zip64
 * where offsets pass 4 GiB; a single record may not.
 */
final class ZipOutput {
    private static final int ALIGNMENT = 64;
    private static final int LOCAL = 0x04034b50;
    private static final int LOCAL_BYTES = 30;
    private static final int CENTRAL = 0x02014b50;
    private static final int CENTRAL_BYTES = 46;
    private static final int END = 0x06054b50;
    private static final int END_BYTES = 22;
    private static final int END64 = 0x06064b50;
    private static final int END64_BYTES = 56;
    private static final int LOCATOR64 = 0x07064b50;
    private static final int LOCATOR64_BYTES = 20;
    private static final int NO_COMPRESSION_VERSION = 20;
    private static final int ZIP64_VERSION = 45;
    private static final int UTF8_NAMES = 1 << 11;
    private static final int FIRST_DAY = 1 << 5 | 1; // 1 January 1980: the same input gives the same file
    private static final int PADDING = 'F' | 'B' << 8; // the extra field that torch pads with
    private static final int EXTRA_ZIP64 = 1;
    private static final long IN_ZIP64 = 0xFFFFFFFFL;
    private static final int MANY = 0xFFFF;

    private final FileChannel file;
    private final ByteArrayOutputStream directory = new ByteArrayOutputStream();
    private long at;
    private int records;

    ZipOutput(FileChannel file) {
        this.file = file;
    }

    /** Adds one record of less than 4 GiB. */
    void add(String name, List<ByteBuffer> bytes) throws IOException {
        byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
        int padding = Math.floorMod(-(at + LOCAL_BYTES + utf8.length + 4), ALIGNMENT);
        long start = at + LOCAL_BYTES + utf8.length + 4 + padding;
        long size = 0;
        CRC32 crc = new CRC32();
        for (ByteBuffer piece : bytes) {
            crc.update(piece.duplicate());
            size += write(piece.duplicate(), start + size);
        }
        int sum = (int) crc.getValue();
        ByteBuffer header = little(LOCAL_BYTES + utf8.length + 4 + padding);
        header.putInt(LOCAL).putShort((short) NO_COMPRESSION_VERSION);
        common(header, sum, (int) size, utf8.length);
        header.putShort((short) (4 + padding));
        header.put(utf8).putShort((short) PADDING).putShort((short) padding);
        write(header.rewind(), at);
        central(utf8, sum, (int) size);
        at = start + size;
        records++;
    }

    private static void common(ByteBuffer header, int crc, int size, int nameBytes) {
        header.putShort((short) UTF8_NAMES).putShort((short) 0); // stored
        header.putShort((short) 0).putShort((short) FIRST_DAY);
        header.putInt(crc).putInt(size).putInt(size).putShort((short) nameBytes);
    }

    private void central(byte[] name, int crc, int size) {
        boolean wide = at >= IN_ZIP64;
        byte[] bytes = new byte[CENTRAL_BYTES + name.length + (wide ? 12 : 0)];
        ByteBuffer entry = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        short version = (short) (wide ? ZIP64_VERSION : NO_COMPRESSION_VERSION);
        entry.putInt(CENTRAL).putShort(version).putShort(version);
        common(entry, crc, size, name.length);
        entry.putShort((short) (wide ? 12 : 0)).putShort((short) 0); // extra, comment
        entry.putShort((short) 0).putShort((short) 0).putInt(0); // disk, attributes
        entry.putInt(wide ? (int) IN_ZIP64 : (int) at).put(name);
        if (wide) {
            entry.putShort((short) EXTRA_ZIP64).putShort((short) Long.BYTES).putLong(at);
        }
        directory.writeBytes(bytes);
    }

    /** Writes the directory; nothing can be added after it. */
    void finish() throws IOException {
        long start = at;
        long bytes = directory.size();
        boolean wide = start + bytes >= IN_ZIP64 || records >= MANY;
        at += write(ByteBuffer.wrap(directory.toByteArray()), at);
        if (wide) {
            ByteBuffer end = little(END64_BYTES + LOCATOR64_BYTES);
            end.putInt(END64).putLong(END64_BYTES - 12L);
            end.putShort((short) ZIP64_VERSION)
                    .putShort((short) ZIP64_VERSION)
                    .putInt(0)
                    .putInt(0);
            end.putLong(records).putLong(records).putLong(bytes).putLong(start);
            end.putInt(LOCATOR64).putInt(0).putLong(start + bytes).putInt(1);
            at += write(end.rewind(), at);
        }
        ByteBuffer end = little(END_BYTES);
        short count = (short) (wide ? MANY : records);
        end.putInt(END).putShort((short) 0).putShort((short) 0).putShort(count).putShort(count);
        end.putInt((int) bytes).putInt(wide ? (int) IN_ZIP64 : (int) start).putShort((short) 0);
        write(end.rewind(), at);
    }

    private static ByteBuffer little(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private int write(ByteBuffer bytes, long position) throws IOException {
        int size = bytes.remaining();
        while (bytes.hasRemaining()) {
            file.write(bytes, position + size - bytes.remaining());
        }
        return size;
    }
}
