package io.jepastream.encoder.checkpoint;

import io.jepastream.encoder.tensor.HostTensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Writes a file that {@code torch.load} reads, also with {@code weights_only}: the zip layout, whole or not at all. Tensors
 * go from where they lie straight to the file.
 */
public final class TorchWriter {
    private static final String ROOT = "archive/";
    private static final int PIECE = 8 << 20;

    private TorchWriter() {}

    /** A state dictionary whose names get {@code prefix}; {@code torch.load} gives an {@code OrderedDict}. */
    public static Object state(String prefix, Map<String, HostTensor> tensors) {
        Map<String, HostTensor> named = new LinkedHashMap<>();
        tensors.forEach((name, tensor) -> named.put(prefix + name, tensor));
        return new PickleOutput.State(named);
    }

    /**
     * Replaces {@code path}.
     *
     * @param root {@link #state}, {@code HostTensor}, {@code Long}, {@code Double}, {@code String}, {@code Boolean},
     *     {@link PyNone}, or a {@code List} or {@code Map} of them; a tensor used twice is stored once
     * @throws IllegalArgumentException if it holds anything else
     */
    public static void write(Path path, Object root) throws IOException {
        PickleOutput pickle = new PickleOutput(root);
        Path temporary = path.resolveSibling("%s.%s.tmp".formatted(path.getFileName(), UUID.randomUUID()));
        try {
            try (FileChannel file =
                    FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                ZipOutput zip = new ZipOutput(file);
                zip.add(ROOT + "data.pkl", List.of(ByteBuffer.wrap(pickle.bytes())));
                zip.add(ROOT + "byteorder", text("little"));
                int key = 0;
                for (HostTensor storage : pickle.storages()) {
                    zip.add(ROOT + "data/" + key++, storage.pieces(PIECE));
                }
                zip.add(ROOT + "version", text("3\n"));
                zip.finish();
                file.force(true);
            }
            Files.move(temporary, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    private static List<ByteBuffer> text(String text) {
        return List.of(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
    }
}
