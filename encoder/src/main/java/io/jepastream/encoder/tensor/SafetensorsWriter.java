package io.jepastream.encoder.tensor;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Writes a safetensors file so that it is either whole or absent: a temporary file, flushed to disk, then moved. */
public final class SafetensorsWriter {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int ALIGNMENT = 8;
    private static final int PIECE = 8 << 20; // the channel copies heap memory into a buffer of this size

    private SafetensorsWriter() {}

    /**
     * Replaces {@code path}, tensor by tensor: mapped ones never come onto the heap. Wider types come first, so that every
     * tensor is aligned to its own width.
     *
     * @param metadata strings for the header; left out when empty
     */
    public static void write(Path path, Map<String, HostTensor> tensors, Map<String, String> metadata)
            throws IOException {
        List<Map.Entry<String, HostTensor>> order = new ArrayList<>(tensors.entrySet());
        order.sort(Comparator.comparingInt(e -> -e.getValue().dtype().bytes()));
        Path temporary = path.resolveSibling("%s.%s.tmp".formatted(path.getFileName(), UUID.randomUUID()));
        try {
            try (FileChannel file =
                    FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                writeFully(file, header(order, metadata));
                for (Map.Entry<String, HostTensor> tensor : order) {
                    for (ByteBuffer piece : tensor.getValue().pieces(PIECE)) {
                        writeFully(file, piece);
                    }
                }
                file.force(true);
            }
            Files.move(temporary, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    private static ByteBuffer header(List<Map.Entry<String, HostTensor>> order, Map<String, String> metadata)
            throws IOException {
        ObjectNode header = JSON.createObjectNode();
        if (!metadata.isEmpty()) {
            header.set("__metadata__", JSON.valueToTree(metadata));
        }
        long at = 0;
        for (Map.Entry<String, HostTensor> tensor : order) {
            ObjectNode node = header.putObject(tensor.getKey());
            node.put("dtype", tensor.getValue().dtype().name());
            node.set("shape", JSON.valueToTree(tensor.getValue().shape()));
            long end = at + tensor.getValue().byteSize();
            node.putArray("data_offsets").add(at).add(end);
            at = end;
        }
        String json = JSON.writeValueAsString(header);
        int length = json.getBytes(StandardCharsets.UTF_8).length;
        int padding = Math.floorMod(-length, ALIGNMENT);
        byte[] padded = (json + " ".repeat(padding)).getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(8 + padded.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(padded.length)
                .put(padded)
                .flip();
    }

    private static void writeFully(FileChannel file, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            file.write(bytes);
        }
    }
}
