package io.jepastream.trainer.data;

import io.jepastream.ingest.media.Picture;
import io.jepastream.ingest.media.PictureDecoder;
import io.jepastream.ingest.media.PictureEncoder;
import io.jepastream.ingest.media.PictureException;
import io.jepastream.ingest.wire.ImageEncoding;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A row of frames in a file, each readable alone. Big-endian: a head of {@value #HEAD} bytes (magic, version, the stamp of
 * the video: its bytes and its time of change, number of frames, encoding), then 8 bytes for each frame (end of its data
 * from the first frame's start, width, height), then the data.
 */
final class FrameFile {
    private static final int MAGIC = 0x4A46524D; // JFRM
    private static final int VERSION = 1;
    private static final int JPEG = 1;
    private static final int RAW = 2;
    private static final int HEAD = 32;
    private static final int ENTRY = 8;

    private FrameFile() {}

    /**
     * Which state of a video frames are from.
     *
     * @param bytes of the video
     * @param changed milliseconds of the epoch
     */
    record Stamp(long bytes, long changed) {}

    /** Compresses frames one by one and then writes them. Closed by whoever made it. */
    static final class Builder implements AutoCloseable {
        private final PictureEncoder encoder;
        private final List<byte[]> data = new ArrayList<>();
        private final List<int[]> sizes = new ArrayList<>();

        Builder(int quality) {
            encoder = new PictureEncoder(encoding(quality), Math.max(1, quality));
        }

        void add(Picture picture) {
            data.add(encoder.encode(picture));
            sizes.add(new int[] {picture.width(), picture.height()});
        }

        void writeTo(OutputStream out, Stamp stamp) throws IOException {
            ByteBuffer head = ByteBuffer.allocate(HEAD + ENTRY * data.size());
            head.putInt(MAGIC).putInt(VERSION).putLong(stamp.bytes()).putLong(stamp.changed());
            head.putInt(data.size()).putInt(encoder.encoding() == ImageEncoding.JPEG ? JPEG : RAW);
            int end = 0;
            for (int i = 0; i < data.size(); i++) {
                end = Math.addExact(end, data.get(i).length);
                head.putInt(end).putShort((short) sizes.get(i)[0]).putShort((short) sizes.get(i)[1]);
            }
            out.write(head.array());
            for (byte[] each : data) {
                out.write(each);
            }
        }

        @Override
        public void close() {
            encoder.close();
        }
    }

    /** How frames are kept: JPEG, or raw for quality 0. */
    static ImageEncoding encoding(int quality) {
        return quality == 0 ? ImageEncoding.RGB24 : ImageEncoding.JPEG;
    }

    /**
     * Reads some frames.
     *
     * @param numbers in the file, ascending
     * @return empty if the file is of another state of the video or of another version
     * @throws IOException if it cannot be read or is damaged
     */
    static Optional<List<Picture>> read(Path file, Stamp stamp, List<Integer> numbers, PictureDecoder decoder)
            throws IOException {
        try (SeekableByteChannel channel = FileChannel.open(file)) {
            ByteBuffer head = read(channel, HEAD, file);
            boolean ours = head.getInt() == MAGIC && head.getInt() == VERSION;
            if (!ours || head.getLong() != stamp.bytes() || head.getLong() != stamp.changed()) {
                return Optional.empty();
            }
            int count = head.getInt();
            int kind = head.getInt();
            if (count < 0 || (long) count * ENTRY > channel.size() || (kind != JPEG && kind != RAW)) {
                throw new IOException("frames %s: want a whole file, got a damaged head".formatted(file));
            }
            ImageEncoding encoding = kind == JPEG ? ImageEncoding.JPEG : ImageEncoding.RGB24;
            ByteBuffer table = read(channel, ENTRY * count, file);
            long start = HEAD + (long) ENTRY * count;
            List<Picture> pictures = new ArrayList<>();
            for (int number : numbers) {
                if (number >= count) {
                    throw new IOException("frames %s: want frame %d, got %d".formatted(file, number, count));
                }
                int from = number == 0 ? 0 : table.getInt(ENTRY * (number - 1));
                int to = table.getInt(ENTRY * number);
                if (from < 0 || to < from || start + to > channel.size()) {
                    throw new IOException("frames %s: want a whole file, got a damaged table".formatted(file));
                }
                channel.position(start + from);
                byte[] data = read(channel, to - from, file).array();
                int width = table.getShort(ENTRY * number + 4);
                pictures.add(decode(decoder, encoding, data, width, table.getShort(ENTRY * number + 6), file));
            }
            return Optional.of(pictures);
        }
    }

    private static Picture decode(
            PictureDecoder decoder, ImageEncoding encoding, byte[] data, int width, int height, Path file)
            throws IOException {
        try {
            return decoder.decode(encoding, data, width, height);
        } catch (PictureException e) {
            throw new IOException("frames %s: %s".formatted(file, e.getMessage()), e);
        }
    }

    private static ByteBuffer read(SeekableByteChannel channel, int bytes, Path file) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(bytes);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer) < 0) {
                throw new EOFException(
                        "frames %s: want %d more bytes, got the end".formatted(file, buffer.remaining()));
            }
        }
        return buffer.flip();
    }
}
