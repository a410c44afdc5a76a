package io.jepastream.encoder.golden;

import com.fasterxml.jackson.databind.JsonNode;
import io.jepastream.encoder.tensor.HostTensor;
import io.jepastream.encoder.tensor.Safetensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** One case of a manifest and the directory of its files. */
public record GoldenCase(Path directory, JsonNode node) {
    public String id() {
        return node.path("id").asText();
    }

    public JsonNode config() {
        return node.path("config");
    }

    /** The case's first tensor file. */
    public Safetensors tensors() throws IOException {
        for (JsonNode file : node.path("files")) {
            String name = file.path("file").asText();
            if (name.endsWith(".safetensors")) {
                return Safetensors.open(directory.resolve(name));
            }
        }
        throw new IOException("case %s: want a .safetensors file, got %s".formatted(id(), node.path("files")));
    }

    /** A tensor file that the case borrows from another one. */
    public Safetensors borrowed(String file) throws IOException {
        return Safetensors.open(directory.resolve(file));
    }

    /** Where {@code name} ends in {@code _u8} the bytes stand for byte / 64 - 2; every float tensor is taken as is. */
    public static HostTensor input(Safetensors file, String name) throws IOException {
        HostTensor raw = file.read(name);
        if (!name.endsWith("_u8")) {
            return raw;
        }
        float[] values = raw.floats();
        for (int i = 0; i < values.length; i++) {
            values[i] = values[i] / 64f - 2f;
        }
        return HostTensor.of(values, raw.shape());
    }

    /** Parameters under a prefix, by their official names. */
    public static Map<String, HostTensor> state(Safetensors file, String prefix) throws IOException {
        return new LinkedHashMap<>(file.readAll(prefix));
    }

    @Override
    public String toString() {
        return id();
    }
}
