package io.jepastream.encoder.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The records of a zip file whose entries are stored, not compressed, so that each is a range of the file. The JDK's
 * reader does not tell where an entry's bytes lie; Zip64 is understood.
 */
final class ZipRecords {
    private static final int END = 0x06054b50;
    private static final int END_BYTES = 22;
    private static final int END64 = 0x06064b50;
    private static final int END64_BYTES = 56;
    private static final int LOCATOR64 = 0x07064b50;
    private static final int LOCATOR64_BYTES = 20;
    private static final int CENTRAL = 0x02014b50;
    private static final int CENTRAL_BYTES = 46;
    private static final int LOCAL = 0x04034b50;
    private static final int LOCAL_BYTES = 30;
    private static final int MAX_COMMENT = 0xFFFF;
    private static final long IN_ZIP64 = 0xFFFFFFFFL;
    private static final int EXTRA_ZIP64 = 1;

    private final FileBytes file;
    private final Map<String, Entry> entries = new LinkedHashMap<>();

    private record Entry(long header, long bytes) {}

    /** A range of the file. */
    record Range(long start, long bytes) {}

    private record Directory(long start, long bytes) {}

    ZipRecords(FileBytes file) throws IOException {
        this.file = file;
        Directory directory = directory();
        ByteBuffer central = file.map(directory.start(), directory.bytes(), "zip directory");
        while (central.remaining() >= CENTRAL_BYTES) {
            entry(central);
        }
        if (central.hasRemaining()) {
            throw file.bad("zip directory: want whole entries, got %d bytes too many".formatted(central.remaining()));
        }
    }

    private Directory directory() throws IOException {
        int tail = (int) Math.min(file.size(), END_BYTES + MAX_COMMENT);
        long start = file.size() - tail;
        ByteBuffer end = file.map(start, tail, "end of zip file");
        for (int at = tail - END_BYTES; at >= 0; at--) {
            if (end.getInt(at) == END && at + END_BYTES + Short.toUnsignedInt(end.getShort(at + 20)) == tail) {
                long bytes = Integer.toUnsignedLong(end.getInt(at + 12));
                long offset = Integer.toUnsignedLong(end.getInt(at + 16));
                return bytes == IN_ZIP64 || offset == IN_ZIP64 ? directory64(start + at) : new Directory(offset, bytes);
            }
        }
        throw file.bad("want a zip archive with its directory at the end, got none: truncated or not a valid archive");
    }

    private Directory directory64(long end) throws IOException {
        ByteBuffer locator = file.map(end - LOCATOR64_BYTES, LOCATOR64_BYTES, "zip64 locator");
        require(locator, 0, LOCATOR64, "zip64 locator");
        ByteBuffer record = file.map(locator.getLong(8), END64_BYTES, "zip64 end record");
        require(record, 0, END64, "zip64 end record");
        return new Directory(record.getLong(48), record.getLong(40));
    }

    private void entry(ByteBuffer central) throws IOException {
        int at = central.position();
        require(central, at, CENTRAL, "zip directory entry");
        int flags = central.getShort(at + 8);
        int method = Short.toUnsignedInt(central.getShort(at + 10));
        long stored = Integer.toUnsignedLong(central.getInt(at + 20));
        long bytes = Integer.toUnsignedLong(central.getInt(at + 24));
        int nameBytes = Short.toUnsignedInt(central.getShort(at + 28));
        int extraBytes = Short.toUnsignedInt(central.getShort(at + 30));
        int commentBytes = Short.toUnsignedInt(central.getShort(at + 32));
        long header = Integer.toUnsignedLong(central.getInt(at + 42));
        if (central.remaining() < CENTRAL_BYTES + nameBytes + extraBytes + commentBytes) {
            throw file.bad("zip directory: want an entry of whole length, got its end");
        }
        byte[] utf8 = new byte[nameBytes];
        central.get(at + CENTRAL_BYTES, utf8);
        String name = new String(utf8, StandardCharsets.UTF_8);
        ByteBuffer wide = zip64(central, at + CENTRAL_BYTES + nameBytes, extraBytes);
        bytes = widened(bytes, wide, name);
        stored = widened(stored, wide, name);
        header = widened(header, wide, name);
        if (method != 0 || (flags & 1) != 0 || stored != bytes) {
            throw file.bad("record %s: want it stored, neither compressed nor encrypted, got method %d, flags %d"
                    .formatted(name, method, flags));
        }
        if (entries.put(name, new Entry(header, bytes)) != null) {
            throw file.bad("record %s: want it once, got it twice".formatted(name));
        }
        central.position(at + CENTRAL_BYTES + nameBytes + extraBytes + commentBytes);
    }

    /** The 64-bit fields of an entry; empty where it has none. */
    private static ByteBuffer zip64(ByteBuffer central, int start, int length) {
        for (int at = start; at + 4 <= start + length; ) {
            int size = Short.toUnsignedInt(central.getShort(at + 2));
            if (central.getShort(at) == EXTRA_ZIP64 && at + 4 + size <= start + length) {
                return central.slice(at + 4, size).order(central.order());
            }
            at += 4 + size;
        }
        return ByteBuffer.allocate(0);
    }

    private long widened(long value, ByteBuffer wide, String name) throws CheckpointException {
        if (value != IN_ZIP64) {
            return value;
        }
        if (wide.remaining() < Long.BYTES) {
            throw file.bad("record %s: want its zip64 sizes, got none".formatted(name));
        }
        return wide.getLong();
    }

    private void require(ByteBuffer bytes, int at, int wanted, String what) throws CheckpointException {
        if (bytes.getInt(at) != wanted) {
            throw file.bad(
                    "%s: want signature %08x, got %08x: not a valid archive".formatted(what, wanted, bytes.getInt(at)));
        }
    }

    /** Names that end as given. */
    List<String> namesEnding(String suffix) {
        return entries.keySet().stream().filter(name -> name.endsWith(suffix)).toList();
    }

    /** Where a record's bytes lie; empty where there is no such record. */
    Optional<Range> find(String name) throws IOException {
        Entry entry = entries.get(name);
        if (entry == null) {
            return Optional.empty();
        }
        ByteBuffer local = file.map(entry.header(), LOCAL_BYTES, "record " + name);
        require(local, 0, LOCAL, "record " + name);
        long start = entry.header()
                + LOCAL_BYTES
                + Short.toUnsignedInt(local.getShort(26))
                + Short.toUnsignedInt(local.getShort(28));
        if (entry.bytes() < 0 || start > file.size() - entry.bytes()) {
            throw file.bad("record %s: want %d bytes at %d, got a file of %d"
                    .formatted(name, entry.bytes(), start, file.size()));
        }
        return Optional.of(new Range(start, entry.bytes()));
    }
}
