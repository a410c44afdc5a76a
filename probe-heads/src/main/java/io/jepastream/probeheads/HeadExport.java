package io.jepastream.probeheads;

import io.jepastream.encoder.Family;
import io.jepastream.encoder.checkpoint.PyNone;
import io.jepastream.encoder.checkpoint.TorchWriter;
import io.jepastream.encoder.huggingface.HfExport;
import io.jepastream.encoder.tensor.HostTensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Turns heads back into the layouts they are published in. Labels have no place in probe checkpoints. */
public final class HeadExport {
    private static final String WRAPPER = "module.";

    private HeadExport() {}

    /**
     * Writes a probe checkpoint: V-JEPA 1's one under {@code classifier}, V-JEPA 2's list under {@code classifiers}.
     *
     * @param heads all of one generation; for V-JEPA 1 exactly one
     * @throws IllegalArgumentException if they are not
     * @throws IOException if the file cannot be written
     */
    public static void write(List<ProbeHead> heads, Family family, Path file) throws IOException {
        boolean first = family == Family.VJEPA1;
        ProbeConfig.Kind kind = first ? ProbeConfig.Kind.ATTENTIVE_V1 : ProbeConfig.Kind.ATTENTIVE_V2;
        heads.forEach(head -> require(head, kind));
        if (heads.isEmpty() || (first && heads.size() > 1)) {
            throw new IllegalArgumentException(
                    "probe checkpoint: want %s, got %d".formatted(first ? "one head" : "heads", heads.size()));
        }
        List<Object> states = heads.stream()
                .map(head -> TorchWriter.state(WRAPPER, ordered(head)))
                .toList();
        Map<String, Object> top = new LinkedHashMap<>();
        top.put(first ? "classifier" : "classifiers", first ? states.get(0) : states);
        top.put("opt", PyNone.NONE);
        top.put("scaler", PyNone.NONE);
        top.put("epoch", 0L);
        top.put("batch_size", 1L);
        top.put("world_size", 1L);
        if (first) {
            top.put("lr", 0.0);
        }
        TorchWriter.write(file, top);
    }

    /**
     * A head for {@link HfExport#write}.
     *
     * @throws IllegalArgumentException if it is not V-JEPA 2's, or reads several blocks, which the layout cannot say
     */
    public static HfExport.Head huggingFace(ProbeHead head) {
        require(head, ProbeConfig.Kind.ATTENTIVE_V2);
        ProbeConfig config = head.config();
        if (!config.outLayers().isEmpty()) {
            throw new IllegalArgumentException("head %s: want one that reads the encoder's output, got out_layers %s"
                    .formatted(head.name(), config.outLayers()));
        }
        return new HfExport.Head(ordered(head), head.labels(), config.depth() - 1, config.numHeads());
    }

    private static Map<String, HostTensor> ordered(ProbeHead head) {
        Map<String, HostTensor> ordered = new LinkedHashMap<>();
        Probe.shapes(head.config(), 1).keySet().forEach(name -> {
            HostTensor tensor = head.state().get(name);
            if (tensor == null) {
                throw new IllegalArgumentException(
                        "head %s: want a tensor '%s', got none".formatted(head.name(), name));
            }
            ordered.put(name, tensor);
        });
        return ordered;
    }

    private static void require(ProbeHead head, ProbeConfig.Kind kind) {
        if (head.config().kind() != kind) {
            throw new IllegalArgumentException("head %s: want one of kind %s for this format, got %s"
                    .formatted(head.name(), kind.id(), head.config().kind().id()));
        }
        if (!head.config().completeBlock()) {
            throw new IllegalArgumentException(
                    "head %s: want a complete cross-attention block, as in every released probe, got a bare one"
                            .formatted(head.name()));
        }
    }
}
