package io.jepastream.probeheads;

import io.jepastream.encoder.EncoderConfig;
import io.jepastream.encoder.checkpoint.StateDict;
import io.jepastream.encoder.checkpoint.TorchFile;
import io.jepastream.encoder.huggingface.HfDirectory;
import io.jepastream.encoder.tensor.HostTensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Turns a probe checkpoint into a head: V-JEPA 1 keeps one probe under {@code classifier}, V-JEPA 2 a list of them under
 * {@code classifiers}, of which the released files' first one counts. Strict, as the import of encoders is.
 */
public final class HeadImport {
    private static final String FIRST = "classifier";
    private static final String SECOND = "classifiers";
    private static final int RELEASED_HEADS = 16;
    private static final double EPSILON = 1e-5;
    private static final double MLP_RATIO = 4; // also where the encoder has another one

    private HeadImport() {}

    /**
     * A head that {@link Heads#write} can put into a bundle.
     *
     * @param state tensors by official name
     */
    public record Imported(ProbeConfig config, Map<String, HostTensor> state) {}

    /**
     * Reads one probe.
     *
     * @param numHeads attention heads, which no shape tells: the encoder's for V-JEPA 1, 16 for the released V-JEPA 2
     * @param element which one of a list, from 0
     * @param allow official names waived: unexpected tensors are then dropped, non-finite ones kept
     * @throws io.jepastream.encoder.checkpoint.CheckpointException if the file is unsound or holds no such probe
     * @throws IOException if the file cannot be read
     * @throws IllegalArgumentException if the width is no multiple of {@code numHeads}
     */
    public static Imported importFile(Path file, int numHeads, int element, Set<String> allow) throws IOException {
        Object root = TorchFile.open(file).root();
        Map<?, ?> top = root instanceof Map<?, ?> map ? map : Map.of();
        Object list = top.get(SECOND);
        Object single = top.get(FIRST);
        if (list instanceof List<?> probes && element >= 0 && element < probes.size()) {
            StateDict state = new StateDict(file, "%s[%d]".formatted(SECOND, element), probes.get(element));
            return read(state, ProbeConfig.Kind.ATTENTIVE_V2, numHeads, allow);
        }
        if (single != null && element == 0) {
            StateDict state = new StateDict(file, FIRST, single);
            return read(state, ProbeConfig.Kind.ATTENTIVE_V1, numHeads, allow);
        }
        String got = list instanceof List<?> probes
                ? "%d probes".formatted(probes.size())
                : top.keySet().stream().limit(20).toList().toString();
        throw new IOException(
                "%s: want probe %d under key '%s' or '%s', got %s".formatted(file, element, FIRST, SECOND, got));
    }

    /**
     * Reads the probe of a Hugging Face classification model, at the reference's epsilon of 1e-5: the port's own 1e-6 moves
     * scores in the fifth digit.
     *
     * @param numHeads attention heads, see {@link HfDirectory#headHeads()}
     * @param allow stored names waived
     * @throws io.jepastream.encoder.checkpoint.CheckpointException if it has no such probe
     * @throws IOException if the files cannot be read
     * @throws IllegalArgumentException if the width is no multiple of {@code numHeads}
     */
    public static Imported importHuggingFace(HfDirectory source, int numHeads, Set<String> allow) throws IOException {
        ProbeConfig config = new ProbeConfig(
                ProbeConfig.Kind.ATTENTIVE_V2,
                source.encoder().embedDim(),
                numHeads,
                MLP_RATIO,
                1 + source.headBlocks(),
                source.headClasses(),
                EPSILON);
        return new Imported(config, source.head(Probe.shapes(config, 1), allow));
    }

    /**
     * Attention heads of a probe file's probe for an encoder: the encoder's for V-JEPA 1; for V-JEPA 2 16, as in every
     * released probe, where that divides the width.
     *
     * @throws IOException if the file cannot be read
     */
    public static int usualHeads(Path file, EncoderConfig encoder) throws IOException {
        boolean second = TorchFile.open(file).root() instanceof Map<?, ?> top && top.containsKey(SECOND);
        return second && encoder.embedDim() % RELEASED_HEADS == 0 ? RELEASED_HEADS : encoder.numHeads();
    }

    private static Imported read(StateDict state, ProbeConfig.Kind kind, int numHeads, Set<String> allow)
            throws IOException {
        long[] query = state.shape("pooler.query_tokens", 3);
        ProbeConfig config = new ProbeConfig(
                kind,
                (int) query[2],
                numHeads,
                MLP_RATIO,
                1 + state.count("pooler.blocks.", ".norm1.weight"),
                (int) state.shape("linear.weight", 2)[0],
                EPSILON);
        return new Imported(config, state.read(Probe.shapes(config, (int) query[1]), Set.of(), allow));
    }
}
