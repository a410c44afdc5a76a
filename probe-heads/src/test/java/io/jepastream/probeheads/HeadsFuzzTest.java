package io.jepastream.probeheads;

import ai.djl.ndarray.types.Shape;
import io.jepastream.encoder.EncoderConfig;
import io.jepastream.encoder.Family;
import io.jepastream.encoder.ModelBundle;
import io.jepastream.encoder.VideoEncoder;
import io.jepastream.encoder.checkpoint.TorchWriter;
import io.jepastream.encoder.tensor.HostTensor;
import io.jepastream.ingest.fuzz.Fuzz;
import io.jepastream.ingest.wire.Wire;
import io.jepastream.ingest.wire.WireException;
import io.jepastream.probeheads.wire.ActionLabels;
import io.jepastream.probeheads.wire.Label;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Heads and labels from anywhere. */
final class HeadsFuzzTest {
    private static final EncoderConfig ENCODER = EncoderConfig.builder(Family.VJEPA1)
            .imgSize(32)
            .numFrames(4)
            .embedDim(12)
            .depth(1)
            .numHeads(1)
            .build();
    private static final ProbeConfig PROBE = new ProbeConfig(ProbeConfig.Kind.ATTENTIVE_V2, 12, 1, 4, 1, 2, 1e-5);

    @TempDir
    private Path scratch;

    @Test
    void configuration_isAHeadsOrRefused() throws Exception {
        ModelBundle bundle = ModelBundle.write(
                scratch,
                new ModelBundle.Draft(
                        "tiny", ENCODER, Optional.empty(), zeros(VideoEncoder.shapes(ENCODER)), Map.of(), Map.of()));
        Heads.write(bundle, "head", PROBE.withOutLayers(List.of(0)), zeros(Probe.shapes(PROBE, 1)), List.of("a", "b"));
        Path config = bundle.headDirectory("head").resolve("config.json");
        Fuzz.of("head config.json")
                .seed(Files.readAllBytes(config))
                .words("null", "[]", "{}", "attentive-v1", "mean", "\"complete_block\": false, ", "[[[[[[[[", "1e9")
                .mayThrow(IOException.class)
                .mayThrow(IllegalArgumentException.class)
                .mayAllocate(4 << 20, 256)
                .slow(5)
                .run(input -> {
                    Files.write(config, input);
                    Heads.openAll(bundle);
                });
    }

    @Test
    void labelsFile_isReadOrRefused() throws Exception {
        ModelBundle bundle = ModelBundle.write(
                scratch,
                new ModelBundle.Draft(
                        "tiny", ENCODER, Optional.empty(), zeros(VideoEncoder.shapes(ENCODER)), Map.of(), Map.of()));
        Heads.write(bundle, "head", PROBE, zeros(Probe.shapes(PROBE, 1)), List.of("opening a door", "b"));
        Path labels = bundle.headDirectory("head").resolve("labels.txt");
        Fuzz.of("head labels.txt")
                .seed(Files.readAllBytes(labels))
                .words("\n", "\r\n", "\u2028", "🎥", "\u0000")
                .mayThrow(IOException.class)
                .mayThrow(IllegalArgumentException.class)
                .slow(8)
                .run(input -> {
                    Files.write(labels, input);
                    Heads.openAll(bundle);
                });
    }

    @Test
    void probeFile_isAHeadOrRefused() throws Exception {
        Path file = scratch.resolve("probe.pt");
        TorchWriter.write(
                file, Map.of("classifiers", List.of(TorchWriter.state("module.", zeros(Probe.shapes(PROBE, 1))))));
        Fuzz.of("probe file")
                .seed(Files.readAllBytes(file))
                .words("ctorch\nSize\n", "classifier", "cos\nsystem\n", "(", "t", "R", "b", "h\u0001", "]", "}", "N")
                .mayThrow(IOException.class)
                .mayThrow(IllegalArgumentException.class)
                .mayAllocate(1 << 20, 2048)
                .slow(6)
                .run(input -> {
                    Files.write(file, input);
                    HeadImport.importFile(file, 1, 0, Set.of());
                });
    }

    @Test
    void record_isReadOrRefused() throws Exception {
        Wire<ActionLabels> wire = Wire.of(ActionLabels.getClassSchema(), new ActionLabels().getSpecificData());
        ActionLabels labels = ActionLabels.newBuilder()
                .setCamera("door")
                .setStart(1)
                .setEnd(2)
                .setHead("head")
                .setHeadDigest("0a")
                .setModelDigest("0b")
                .setLabels(List.of(new Label("open", 0.7f), new Label("shut", 0.3f)))
                .build();
        Fuzz.of("record ActionLabels")
                .seed(wire.write(labels))
                .mayThrow(WireException.class)
                .run(wire::read);
    }

    private static Map<String, HostTensor> zeros(Map<String, Shape> shapes) {
        Map<String, HostTensor> state = new LinkedHashMap<>();
        shapes.forEach((name, shape) ->
                state.put(name, HostTensor.of(new float[Math.toIntExact(shape.size())], shape.getShape())));
        return state;
    }
}
