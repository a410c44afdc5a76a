package io.jepastream.app;

import io.jepastream.encoder.EncoderConfig;
import io.jepastream.encoder.EvalTransform;
import io.jepastream.encoder.ModelBundle;
import io.jepastream.encoder.Predictor;
import io.jepastream.encoder.PredictorConfig;
import io.jepastream.encoder.VideoEncoder;
import io.jepastream.encoder.huggingface.HfDirectory;
import io.jepastream.encoder.tensor.HostTensor;
import io.jepastream.probeheads.Heads;
import io.jepastream.probeheads.ProbeHead;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code jepa model info}: what a bundle or an official checkpoint holds. */
@Command(
        name = "info",
        description = "Family, sizes, tensors, preprocessing and heads of a bundle, a V-JEPA checkpoint, a probe"
                + " checkpoint or a Hugging Face directory, and what is unusual about it. Nothing in it is run.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example:  jepa model info models/camera-motion-tiny", "Example:  jepa model info vitl16.pth.tar"
        })
final class ModelInfoCommand implements Callable<Integer> {
    private static final int LABELS_SHOWN = 12;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(
            arity = "0..1",
            paramLabel = "PATH",
            description = "Bundle, directory or file (default: the bundle that comes along).")
    private @Nullable Path path;

    @Override
    public Integer call() throws IOException {
        Findings findings;
        if (path != null && Files.isRegularFile(path)) {
            findings = TorchInfo.of(path);
        } else if (path != null && HfDirectory.is(path)) {
            findings = huggingFace(path);
        } else {
            ServeOptions options = new ServeOptions();
            options.model = path;
            findings = bundle(ModelBundle.read(options.directory()));
        }
        findings.print(spec.commandLine().getOut());
        return 0;
    }

    private static Findings bundle(ModelBundle bundle) throws IOException {
        Findings findings = new Findings();
        findings.fact("bundle", bundle.name());
        findings.fact("digest", bundle.digest());
        EncoderConfig encoder = bundle.encoder();
        architecture(encoder, bundle.predictor(), findings);
        Survey tensors = survey("encoder", bundle.encoderState(), findings);
        tensors.compare(VideoEncoder.shapes(encoder), findings);
        tensors.drift(encoder, encoder.useRope(), encoder.uniformPower(), findings);
        if (bundle.predictor().isPresent()) {
            PredictorConfig predictor = bundle.predictor().get();
            Survey more = survey("predictor", bundle.predictorState(), findings);
            more.compare(Predictor.shapes(encoder, predictor), findings);
            more.drift(encoder, predictor.useRope(), predictor.uniformPower(), findings);
        }
        preprocessing(encoder, findings);
        bundle.provenance()
                .properties()
                .forEach(e -> findings.fact(
                        "provenance",
                        "%s: %s"
                                .formatted(
                                        e.getKey(),
                                        e.getValue().asText(e.getValue().toString()))));
        for (ProbeHead head : Heads.open(bundle, bundle.headNames())) {
            head(head, findings);
        }
        return findings;
    }

    private static void head(ProbeHead head, Findings findings) {
        String label = "head";
        findings.fact(
                label,
                "%s: %s, depth %d, %d attention heads, %d classes"
                        .formatted(
                                head.name(),
                                head.config().kind().id(),
                                head.config().depth(),
                                head.config().numHeads(),
                                head.config().numClasses()));
        if (!head.config().outLayers().isEmpty()) {
            findings.fact(label, "reads blocks " + head.config().outLayers());
        }
        Survey.of(label, head.state()).tell(findings);
        findings.fact(label, "digest " + head.digest());
        findings.fact(label, "labels " + labels(head.labels()));
    }

    private static String labels(List<String> labels) {
        String some = String.join(", ", labels.subList(0, Math.min(LABELS_SHOWN, labels.size())));
        return labels.size() <= LABELS_SHOWN ? some : "%s and %d more".formatted(some, labels.size() - LABELS_SHOWN);
    }

    private static void architecture(EncoderConfig encoder, Optional<PredictorConfig> predictor, Findings findings) {
        findings.fact("family", encoder.family().id());
        findings.fact("model", Sizes.of(encoder));
        findings.fact("predictor", predictor.map(Sizes::of).orElse("none"));
    }

    private static void preprocessing(EncoderConfig encoder, Findings findings) {
        EvalTransform transform = new EvalTransform(encoder.imgHeight());
        findings.fact(
                "preprocessing",
                "%s: short side %d, centre crop %d, bilinear without antialiasing; mean %s, deviation %s"
                        .formatted(
                                EvalTransform.VERSION,
                                transform.shortSide(),
                                transform.crop(),
                                transform.mean(),
                                transform.std()));
    }

    private static Survey survey(String what, Map<String, HostTensor> tensors, Findings findings) {
        Survey survey = Survey.of(what, tensors);
        survey.tell(findings);
        return survey;
    }

    private static Findings huggingFace(Path path) throws IOException {
        HfDirectory directory = HfDirectory.open(path);
        Findings findings = new Findings();
        findings.fact("directory", "%s, Hugging Face layout".formatted(path.getFileName()));
        architecture(directory.encoder(), directory.predictor(), findings);
        Map<String, Map<String, HostTensor>> groups = new LinkedHashMap<>();
        directory
                .tensors()
                .forEach((name, tensor) -> groups.computeIfAbsent(group(name), group -> new LinkedHashMap<>())
                        .put(name, tensor));
        groups.forEach((group, tensors) -> survey(group, tensors, findings));
        preprocessing(directory.encoder(), findings);
        if (directory.hasHead()) {
            int port = directory.encoder().numHeads();
            findings.fact(
                    "head", "%d classes, depth %d".formatted(directory.headClasses(), 1 + directory.headBlocks()));
            findings.fact("head", "labels " + labels(directory.labels()));
            if (directory.headHeads() != port) {
                findings.unusual(
                        "head: trained with %d attention heads and imported so; the port computes with the encoder's %d"
                                .formatted(directory.headHeads(), port));
            }
        }
        findings.fact("weights", "online; this layout has no others");
        directory.unusualPreprocessing().forEach(findings::unusual);
        directory.misfit().ifPresent(findings::unusual);
        return findings;
    }

    private static String group(String name) {
        String bare = name.startsWith("vjepa2.") ? name.substring("vjepa2.".length()) : name;
        for (String group : List.of("encoder", "predictor")) {
            if (bare.startsWith(group + ".")) {
                return group;
            }
        }
        return bare.startsWith("pooler.") || bare.startsWith("classifier.") ? "head" : "other";
    }
}
