package io.jepastream.app;

import io.jepastream.encoder.EncoderConfig;
import io.jepastream.encoder.ModelBundle;
import io.jepastream.encoder.huggingface.HfDirectory;
import io.jepastream.probeheads.HeadImport;
import io.jepastream.probeheads.Heads;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What shapes do not tell about probes. */
final class HeadOptions {
    private static final int MAX_LABELS_BYTES = 16 << 20;

    @Option(
            names = "--labels",
            paramLabel = "FILE",
            description = "Class names of the heads, one a line (default: the source's, else class-0 and so on).")
    private @Nullable Path labels;

    @Option(
            names = "--element",
            defaultValue = "0",
            paramLabel = "N",
            description = "Which probe of a V-JEPA 2 file's list, from 0 (default ${DEFAULT-VALUE}).")
    private int element;

    @Option(
            names = "--head-heads",
            paramLabel = "N",
            description = "Attention heads of the probes (default: the encoder's for V-JEPA 1, 16 for V-JEPA 2).")
    private @Nullable Integer attentionHeads;

    @Option(
            names = "--out-layers",
            split = ",",
            paramLabel = "BLOCK",
            description =
                    "Blocks of the encoder, from 0, that the probes read (default: its output). Diving48 and Jester:"
                            + " 17,19,21,23 for ViT-L, 24,29,34,39 for ViT-g.")
    private List<Integer> outLayers = List.of();

    @Option(
            names = "--head-name",
            paramLabel = "NAME",
            description = "Name of the head (default: its file's, or classifier).")
    private @Nullable String name;

    /** A head that is not yet in a bundle. */
    record Named(String name, HeadImport.Imported head, List<String> labels, Map<String, String> provenance) {
        void write(ModelBundle bundle, PrintWriter say) throws IOException {
            Heads.write(bundle, name, head, labels, provenance);
            say.printf(
                    "head %s: %s, %d classes, %d attention heads%n",
                    name,
                    head.config().kind().id(),
                    labels.size(),
                    head.config().numHeads());
        }
    }

    /** Two heads of one name would replace each other. */
    static void requireDistinct(List<Named> heads) {
        List<String> names = heads.stream().map(Named::name).toList();
        if (names.stream().distinct().count() < names.size()) {
            throw new UsageException("heads: want distinct names, got " + names);
        }
    }

    /** Reads the probe of a checkpoint. */
    Named probe(Path file, EncoderConfig encoder, Set<String> allow) throws IOException {
        int heads = attentionHeads == null ? HeadImport.usualHeads(file, encoder) : attentionHeads;
        HeadImport.Imported head = reading(HeadImport.importFile(file, heads, element, allow));
        requireWidth(file, head, encoder);
        String source = String.valueOf(file.getFileName());
        return new Named(
                name == null ? source.replaceAll("\\.(pth\\.tar|pth|pt|tar)$", "") : name,
                head,
                labels(head.config().numClasses(), List.of()),
                Map.of("source", source, "element", Integer.toString(element)));
    }

    private HeadImport.Imported reading(HeadImport.Imported head) {
        return new HeadImport.Imported(head.config().withOutLayers(outLayers), head.state());
    }

    private static void requireWidth(Path file, HeadImport.Imported head, EncoderConfig encoder) {
        if (head.config().embedDim() != encoder.embedDim()) {
            throw new UsageException("%s: want a probe of the encoder's width %d, got %d"
                    .formatted(file, encoder.embedDim(), head.config().embedDim()));
        }
    }

    /** Reads the probe of a classification model. */
    Named huggingFace(HfDirectory source, Set<String> allow) throws IOException {
        int heads = attentionHeads == null ? source.headHeads() : attentionHeads;
        HeadImport.Imported head = reading(HeadImport.importHuggingFace(source, heads, allow));
        int port = source.encoder().numHeads();
        return new Named(
                name == null ? "classifier" : name,
                head,
                labels(head.config().numClasses(), source.labels()),
                Map.of(
                        "layout",
                        "Hugging Face",
                        "num_heads",
                        "%d; the port itself computes with the encoder's %d".formatted(heads, port),
                        "norm_eps",
                        "the reference's 1e-5; the port itself computes with 1e-6"));
    }

    private List<String> labels(int classes, List<String> own) throws IOException {
        if (labels == null && own.isEmpty()) {
            return IntStream.range(0, classes).mapToObj(i -> "class-" + i).toList();
        }
        List<String> found = labels == null ? own : lines(labels);
        if (found.size() != classes) {
            throw new UsageException("%s: want %d labels, one for each class, got %d"
                    .formatted(labels == null ? "id2label" : labels, classes, found.size()));
        }
        return found;
    }

    private static List<String> lines(Path file) throws IOException {
        if (Files.size(file) > MAX_LABELS_BYTES) {
            throw new UsageException(
                    "%s: want at most %d bytes, got %d".formatted(file, MAX_LABELS_BYTES, Files.size(file)));
        }
        return Files.readAllLines(file).stream()
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .toList();
    }
}
