package io.jepastream.encoder.tensor;

import io.jepastream.ingest.fuzz.Fuzz;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Weights from anywhere. */
final class SafetensorsFuzzTest {
    @TempDir
    private Path directory;

    @Test
    void bytes_areTensorsOrRefused() throws Exception {
        Path file = directory.resolve("f.safetensors");
        Fuzz.of("safetensors")
                .seed(good())
                .words(
                        "dtype",
                        "shape",
                        "data_offsets",
                        "__metadata__",
                        "F64",
                        "I8",
                        "BOOL",
                        "{}",
                        "[]",
                        "null",
                        "\":{")
                .words("{\"a\":0,\"b\":0}", "[[[[[[[[[[[[[[[[", "{\"a\":{\"a\":{\"a\":{\"a\":", "\\ud800", "F32")
                .mayThrow(IOException.class)
                .mayAllocate(1 << 20, 256) // a bracket of the header becomes a node
                .run(input -> {
                    Files.write(file, input);
                    Safetensors tensors = Safetensors.open(file);
                    for (HostTensor tensor : tensors.readAll("").values()) {
                        tensor.bytes();
                        tensor.firstNonFinite();
                    }
                });
    }

    private byte[] good() throws IOException {
        Map<String, HostTensor> tensors = new LinkedHashMap<>();
        tensors.put("encoder.norm.weight", HostTensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3));
        tensors.put("none", HostTensor.of(new float[0], 0, 4));
        tensors.put("ids", HostTensor.of(new long[] {-1, Long.MAX_VALUE}, 2));
        tensors.put("mask", HostTensor.of(new byte[] {1, 2, 3}, 3));
        Path file = directory.resolve("good.safetensors");
        SafetensorsWriter.write(file, tensors, Map.of("format", "jepastream-model/1"));
        return Files.readAllBytes(file);
    }
}
