package io.jepastream.encoder.huggingface;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jepastream.encoder.EncoderConfig;
import io.jepastream.encoder.ModelBundle;
import io.jepastream.encoder.tensor.HostTensor;
import io.jepastream.encoder.tensor.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Writes a bundle as a Hugging Face directory, the base model or a classification model; weights first. */
public final class HfExport {
    private static final long SHARD = 5_000_000_000L;
    private static final ObjectMapper JSON = new ObjectMapper();

    private HfExport() {}

    /**
     * What makes a classification model.
     *
     * @param state the probe's tensors by official name
     * @param blocks its self-attention blocks
     * @param heads its attention heads
     */
    public record Head(Map<String, HostTensor> state, List<String> labels, int blocks, int heads) {}

    /**
     * Fills {@code directory}.
     *
     * @param head empty for the base model
     * @throws IllegalArgumentException if the layout has no such architecture, or a bundle lies in the directory
     * @throws IOException if the weights cannot be read or the directory not written
     */
    public static void write(ModelBundle bundle, Optional<Head> head, Path directory) throws IOException {
        write(bundle, head, directory, SHARD);
    }

    static void write(ModelBundle bundle, Optional<Head> head, Path directory, long shard) throws IOException {
        if (Files.exists(directory.resolve("config.json")) && !HfDirectory.is(directory)) {
            throw new IllegalArgumentException(
                    "%s: want a directory without another model, got a bundle".formatted(directory));
        }
        EncoderConfig encoder = bundle.encoder();
        ObjectNode config = HfConfig.json(encoder, bundle.predictor());
        head.ifPresent(h -> HfConfig.classification(config, h.labels(), h.blocks(), h.heads()));
        Map<String, HostTensor> tensors = new LinkedHashMap<>();
        String prefix = head.isPresent() ? "vjepa2." : "";
        put(tensors, bundle.encoderState(), HfNames::encoder, prefix);
        Map<String, HostTensor> predictor = new LinkedHashMap<>(bundle.predictorState());
        if (!predictor.isEmpty()) {
            tensors.put(prefix + HfNames.MASK_TOKENS, maskTokens(predictor));
            put(tensors, predictor, HfNames::predictor, prefix);
        }
        if (head.isPresent()) {
            put(tensors, head.get().state(), HfNames::probe, "");
        }
        config.put("torch_dtype", tensors.values().iterator().next().dtype().torchName());
        Files.createDirectories(directory);
        weights(directory, tensors, shard);
        json(directory.resolve("video_preprocessor_config.json"), HfConfig.preprocessor(encoder));
        json(directory.resolve("config.json"), config);
    }

    /** Takes the mask tokens out of a predictor's state. */
    private static HostTensor maskTokens(Map<String, HostTensor> predictor) {
        List<HostTensor> tokens = new ArrayList<>();
        for (HostTensor next = predictor.remove("mask_tokens.0");
                next != null;
                next = predictor.remove("mask_tokens." + tokens.size())) {
            tokens.add(next);
        }
        return HostTensor.joined(tokens, tokens.size(), 1, 1, tokens.get(0).size());
    }

    /** Adds the tensors under their names here, joint ones cut in parts. */
    private static void put(
            Map<String, HostTensor> out, Map<String, HostTensor> state, HfNames.Naming naming, String prefix) {
        state.forEach((official, tensor) -> {
            List<String> names = naming.of(official);
            long[] sides = tensor.shape();
            sides[0] /= names.size();
            int size = tensor.size() / names.size();
            for (int i = 0; i < names.size(); i++) {
                out.put(prefix + names.get(i), names.size() == 1 ? tensor : tensor.slice(i * size, sides));
            }
        });
    }

    private static void weights(Path directory, Map<String, HostTensor> tensors, long limit) throws IOException {
        List<Map<String, HostTensor>> shards = new ArrayList<>();
        long room = 0;
        long total = 0;
        for (Map.Entry<String, HostTensor> tensor : tensors.entrySet()) {
            int bytes = tensor.getValue().byteSize();
            if (shards.isEmpty() || bytes > room) {
                shards.add(new LinkedHashMap<>());
                room = limit;
            }
            shards.get(shards.size() - 1).put(tensor.getKey(), tensor.getValue());
            room -= bytes;
            total += bytes;
        }
        Map<String, String> format = Map.of("format", "pt"); // the port's loader insists on it
        if (shards.size() == 1) {
            SafetensorsWriter.write(directory.resolve(HfWeights.SINGLE), tensors, format);
            Files.deleteIfExists(directory.resolve(HfWeights.INDEX));
            return;
        }
        ObjectNode index = JSON.createObjectNode();
        index.putObject("metadata").put("total_size", total);
        ObjectNode map = index.putObject("weight_map");
        for (int i = 0; i < shards.size(); i++) {
            String name = "model-%05d-of-%05d.safetensors".formatted(i + 1, shards.size());
            SafetensorsWriter.write(directory.resolve(name), shards.get(i), format);
            shards.get(i).keySet().forEach(tensor -> map.put(tensor, name));
        }
        json(directory.resolve(HfWeights.INDEX), index);
        Files.deleteIfExists(directory.resolve(HfWeights.SINGLE));
    }

    private static void json(Path file, ObjectNode node) throws IOException {
        Files.writeString(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(node) + "\n");
    }
}
