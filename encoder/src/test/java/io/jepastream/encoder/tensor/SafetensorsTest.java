package io.jepastream.encoder.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class SafetensorsTest {
    @TempDir
    private Path directory;

    @ParameterizedTest
    @EnumSource(Dtype.class)
    void everyType_comesBackByteForByte(Dtype dtype) throws IOException {
        byte[] bytes = new byte[6 * dtype.bytes()];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (17 * i + 1);
        }
        Path file = directory.resolve("t.safetensors");
        SafetensorsWriter.write(file, Map.of("a", HostTensor.ofBytes(dtype, bytes, 2, 3)), Map.of("made by", "test"));

        Safetensors read = Safetensors.open(file);
        assertThat(read.dtype("a")).isEqualTo(dtype);
        assertThat(read.shape("a")).containsExactly(2, 3);
        assertThat(read.metadata()).containsEntry("made by", "test");
        byte[] back = new byte[bytes.length];
        read.read("a").bytes().get(back);
        assertThat(back).isEqualTo(bytes);
    }

    @Test
    void mixedTypesAndEmptyTensors_comeBack() throws IOException {
        Map<String, HostTensor> tensors = new LinkedHashMap<>();
        tensors.put("bytes", HostTensor.of(new byte[] {1, 2, 3}, 3));
        tensors.put("none", HostTensor.of(new float[0], 0, 4));
        tensors.put("scalar", HostTensor.of(new float[] {2.5f}));
        tensors.put("ids", HostTensor.of(new long[] {-1, Long.MAX_VALUE}, 2));
        Path file = directory.resolve("t.safetensors");
        SafetensorsWriter.write(file, tensors, Map.of());

        Map<String, HostTensor> read = Safetensors.open(file).readAll("");
        assertThat(read).containsOnlyKeys(tensors.keySet());
        assertThat(read)
                .hasEntrySatisfying("scalar", t -> assertThat(t.floats()).containsExactly(2.5f));
        assertThat(read).hasEntrySatisfying("ids", t -> assertThat(t.longs()).containsExactly(-1, Long.MAX_VALUE));
        assertThat(read).hasEntrySatisfying("none", t -> assertThat(t.size()).isZero());
    }

    @Test
    void tensorPastTwoGibibytes_isRead() throws IOException {
        long hole = 3L << 30;
        String header = "{\"hole\":{\"dtype\":\"U8\",\"shape\":[%d],\"data_offsets\":[0,%d]},".formatted(hole, hole)
                + "\"far\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[%d,%d]}}".formatted(hole, hole + 4);
        Path file = directory.resolve("large.safetensors");
        try (FileChannel out = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            byte[] json = header.getBytes(StandardCharsets.UTF_8);
            out.write(little(8).putLong(json.length).flip());
            out.write(ByteBuffer.wrap(json));
            out.write(little(4).putFloat(7f).flip(), 8 + json.length + hole); // sparse: takes no disk
        }
        Safetensors read = Safetensors.open(file);
        assertThat(read.read("far").floats()).containsExactly(7f);
        assertThatThrownBy(() -> read.read("hole")).hasMessageContaining("at most 2 GiB in one tensor");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            []                                                                    | want a JSON object
            {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}                | want 8 bytes, got offsets
            {"a":{"dtype":"F31","shape":[1],"data_offsets":[0,4]}}                | got 'F31'
            {"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}               | no negative side
            {"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}                | to start at 0, got 4
            {"a":{"dtype":"F32","shape":[4611686018427387905],"data_offsets":[0,4]}} | overflow
            {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}                | want 70 bytes in all
            {"a":1}                                                               | want dtype, shape
            {"a":{"dtype":"F32","shape":[1],"data_offsets":{"b":0,"c":4}}}        | want dtype, shape
            {"a":{"dtype":"F32","shape":[1],"data_offsets":["0","4"]}}            | 64-bit integers, got "0"
            {"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4.5]}}              | 64-bit integers, got 4.5
            {"a":{"dtype":"F32","shape":[18446744073709551617],"data_offsets":[0,4]}} | 64-bit integers, got 18446744073709551617
            {"a"                                                                  | header is not JSON
            {"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}} | Duplicate
            """)
    void brokenHeader_isRefused(String header, String message) throws IOException {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        Path file = directory.resolve("bad.safetensors");
        Files.write(
                file, little(8 + json.length + 4).putLong(json.length).put(json).array());
        assertThatThrownBy(() -> Safetensors.open(file))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(message);
    }

    @Test
    void shortFile_isRefused() throws IOException {
        Path file = directory.resolve("short.safetensors");
        Files.write(file, new byte[] {1, 2, 3});
        assertThatThrownBy(() -> Safetensors.open(file)).hasMessageContaining("want at least 8 bytes, got 3");
        Files.write(file, little(8).putLong(1L << 60).array());
        assertThatThrownBy(() -> Safetensors.open(file)).hasMessageContaining("header length");
    }

    @Test
    void halfPrecision_isRoundedToNearestEvenAndWidenedExactly() {
        HostTensor bf16 =
                HostTensor.of(new float[] {1f, 0x1.01p0f, 0x1.03p0f, -2.5f}, 4).toBf16();
        assertThat(bf16.floats()).containsExactly(1f, 1f, 1.015625f, -2.5f);
        HostTensor half =
                HostTensor.ofBytes(Dtype.F16, new byte[] {0, 0x3C, 1, 0, (byte) 0xFF, (byte) 0xFB, 0, 0x7C}, 4);
        assertThat(half.floats()).containsExactly(1f, 0x1p-24f, -65504f, Float.POSITIVE_INFINITY);
    }

    private static ByteBuffer little(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
