package io.jepastream.probeheads;

import ai.djl.ndarray.NDManager;
import io.jepastream.encoder.EncoderConfig;
import io.jepastream.encoder.TokenHead;
import io.jepastream.encoder.tensor.HostTensor;
import io.jepastream.encoder.tensor.Precision;
import java.util.List;
import java.util.Map;

/** A head read from a bundle: its probe's configuration and weights, its labels and its digest. */
public final class ProbeHead implements TokenHead.Loader {
    private final String name;
    private final ProbeConfig config;
    private final Map<String, HostTensor> state;
    private final List<String> labels;
    private final String digest;

    ProbeHead(String name, ProbeConfig config, Map<String, HostTensor> state, List<String> labels, String digest) {
        if (labels.size() != config.numClasses()) {
            throw new IllegalArgumentException(
                    "head %s: labels.txt: want %d lines, got %d".formatted(name, config.numClasses(), labels.size()));
        }
        this.name = name;
        this.config = config;
        this.state = Map.copyOf(state);
        this.labels = List.copyOf(labels);
        this.digest = digest;
    }

    @Override
    public String name() {
        return name;
    }

    /** Class names in the order of the logits. */
    public List<String> labels() {
        return labels;
    }

    /** SHA-256 over configuration, weights and labels, in hexadecimal. */
    public String digest() {
        return digest;
    }

    /** The probe's tensors by official name. */
    public Map<String, HostTensor> state() {
        return state;
    }

    public ProbeConfig config() {
        return config;
    }

    @Override
    public TokenHead load(NDManager owner, EncoderConfig encoder, Precision precision) {
        if (config.embedDim() != encoder.embedDim()) {
            throw new IllegalArgumentException("head %s: embed_dim: want the encoder's %d, got %d"
                    .formatted(name, encoder.embedDim(), config.embedDim()));
        }
        if (config.outLayers().stream().anyMatch(layer -> layer >= encoder.depth())) {
            throw new IllegalArgumentException("head %s: out_layers: want blocks 0..%d of the encoder, got %s"
                    .formatted(name, encoder.depth() - 1, config.outLayers()));
        }
        return Probe.load(owner, config, precision, state, "head " + name);
    }
}
