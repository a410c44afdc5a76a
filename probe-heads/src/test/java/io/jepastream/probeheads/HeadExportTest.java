package io.jepastream.probeheads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jepastream.encoder.Family;
import io.jepastream.encoder.ModelBundle;
import io.jepastream.encoder.checkpoint.CheckpointException;
import io.jepastream.encoder.checkpoint.ExportTest;
import io.jepastream.encoder.checkpoint.RandomModel;
import io.jepastream.encoder.huggingface.HfDirectory;
import io.jepastream.encoder.huggingface.HfExport;
import io.jepastream.encoder.tensor.Dtype;
import io.jepastream.encoder.tensor.HostTensor;
import io.jepastream.encoder.tensor.Safetensors;
import io.jepastream.encoder.tensor.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Probes that go out in the official layouts come in again to the last bit. */
final class HeadExportTest {
    private static final int RUNS = 10;

    @TempDir
    Path scratch;

    private ModelBundle bundle(Family family, long seed) throws IOException {
        return ModelBundle.write(scratch.resolve("bundle" + seed), RandomModel.draft(family, seed));
    }

    private static ProbeHead write(ModelBundle bundle, String name, ProbeConfig.Kind kind, long seed)
            throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        int dim = bundle.encoder().embedDim();
        int classes = random.nextInt(1, 5);
        ProbeConfig config =
                new ProbeConfig(kind, dim, bundle.encoder().numHeads(), 4, random.nextInt(1, 4), classes, 1e-5);
        Dtype dtype = new Dtype[] {Dtype.F32, Dtype.F16, Dtype.BF16}[random.nextInt(3)];
        List<String> labels =
                IntStream.range(0, classes).mapToObj(i -> "kind " + i).toList();
        Map<String, HostTensor> state = RandomModel.state(Probe.shapes(config, 1), dtype, random);
        Heads.write(bundle, name, config, state, labels);
        return Heads.open(bundle, List.of(name)).get(0);
    }

    @ParameterizedTest
    @EnumSource(
            value = Family.class,
            names = {"VJEPA1", "VJEPA2"})
    void probeFile_comesBackToTheLastBit(Family family) throws IOException {
        boolean first = family == Family.VJEPA1;
        for (long seed = 0; seed < RUNS; seed++) {
            ModelBundle bundle = bundle(family, seed);
            List<ProbeHead> heads = new ArrayList<>();
            for (int i = 0; i < (first ? 1 : 3); i++) {
                ProbeConfig.Kind kind = first ? ProbeConfig.Kind.ATTENTIVE_V1 : ProbeConfig.Kind.ATTENTIVE_V2;
                heads.add(write(bundle, "h" + i, kind, seed + i));
            }
            Path file = scratch.resolve("probe.pt");
            HeadExport.write(heads, family, file);
            for (int i = 0; i < heads.size(); i++) {
                int numHeads = HeadImport.usualHeads(file, bundle.encoder());
                HeadImport.Imported back = HeadImport.importFile(file, numHeads, i, Set.of());
                assertThat(back.config()).isEqualTo(heads.get(i).config());
                ExportTest.requireSame(back.state(), heads.get(i).state());
            }
        }
    }

    @Test
    void classificationModel_comesBackToTheLastBit_withItsLabels() throws IOException {
        for (long seed = 0; seed < RUNS; seed++) {
            ModelBundle bundle = bundle(Family.VJEPA2, seed);
            ProbeHead head = write(bundle, "acts", ProbeConfig.Kind.ATTENTIVE_V2, seed);
            Path out = scratch.resolve("hf" + seed);
            HfExport.write(bundle, Optional.of(HeadExport.huggingFace(head)), out);
            HfDirectory directory = HfDirectory.open(out);
            ModelBundle.Draft draft = directory.draft(Set.of());
            assertThat(draft.encoder()).isEqualTo(bundle.encoder());
            assertThat(draft.predictor()).isEqualTo(bundle.predictor());
            ExportTest.requireSame(draft.encoderState(), bundle.encoderState());
            ExportTest.requireSame(draft.predictorState(), bundle.predictorState());
            HeadImport.Imported back = HeadImport.importHuggingFace(directory, directory.headHeads(), Set.of());
            assertThat(back.config()).isEqualTo(head.config());
            assertThat(directory.labels()).isEqualTo(head.labels());
            ExportTest.requireSame(back.state(), head.state());
        }
    }

    @Test
    void namesOfTheHeadAreThePorts_andMissingOnesAreNamed() throws IOException {
        ModelBundle bundle = bundle(Family.VJEPA2, 1);
        long deep = 0;
        while (write(bundle, "acts", ProbeConfig.Kind.ATTENTIVE_V2, deep)
                        .config()
                        .depth()
                < 2) {
            deep++;
        }
        ProbeHead head = Heads.open(bundle, List.of("acts")).get(0);
        Path out = scratch.resolve("hf");
        HfExport.write(bundle, Optional.of(HeadExport.huggingFace(head)), out);
        Path file = out.resolve("model.safetensors");
        Map<String, HostTensor> tensors =
                new LinkedHashMap<>(Safetensors.open(file).readAll(""));
        assertThat(tensors)
                .containsKeys(
                        "vjepa2.encoder.layernorm.weight",
                        "pooler.query_tokens",
                        "pooler.cross_attention_layer.layer_norm1.weight",
                        "pooler.cross_attention_layer.cross_attn.q_proj.weight",
                        "pooler.cross_attention_layer.cross_attn.v_proj.bias",
                        "pooler.cross_attention_layer.mlp.fc1.weight",
                        "pooler.self_attention_layers.0.layer_norm2.bias",
                        "pooler.self_attention_layers.0.self_attn.k_proj.weight",
                        "pooler.self_attention_layers.0.self_attn.out_proj.weight",
                        "classifier.weight");
        tensors.remove("pooler.cross_attention_layer.cross_attn.k_proj.bias");
        SafetensorsWriter.write(file, tensors, Map.of());
        HfDirectory directory = HfDirectory.open(out);
        assertThatThrownBy(() -> HeadImport.importHuggingFace(directory, directory.headHeads(), Set.of()))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("missing [pooler.cross_attention_layer.cross_attn.k_proj.bias], unexpected []");
        assertThat(directory.draft(Set.of()).encoderState()).hasSameSizeAs(bundle.encoderState());
    }

    @Test
    void headsOfAnotherGenerationAreRefused() throws IOException {
        ModelBundle bundle = bundle(Family.VJEPA2, 1);
        ProbeHead second = write(bundle, "a", ProbeConfig.Kind.ATTENTIVE_V2, 1);
        ProbeHead first = write(bundle, "b", ProbeConfig.Kind.ATTENTIVE_V1, 1);
        Path file = scratch.resolve("probe.pt");
        assertThatThrownBy(() -> HeadExport.write(List.of(second), Family.VJEPA1, file))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("head a: want one of kind attentive-v1 for this format, got attentive-v2");
        assertThatThrownBy(() -> HeadExport.write(List.of(first, first), Family.VJEPA1, file))
                .hasMessageContaining("want one head, got 2");
        assertThatThrownBy(() -> HeadExport.huggingFace(first)).hasMessageContaining("got attentive-v1");
    }

    @Test
    void aHeadHasToFitItsBundle() throws IOException {
        ModelBundle bundle = bundle(Family.VJEPA2, 1);
        ProbeHead head = write(bundle, "a", ProbeConfig.Kind.ATTENTIVE_V2, 1);
        HeadImport.Imported imported = new HeadImport.Imported(head.config(), head.state());
        assertThatThrownBy(() -> Heads.write(bundle, "b", imported, List.of(), Map.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(
                        "head b: want %d labels, got 0".formatted(head.config().numClasses()));
        assertThat(bundle.headNames()).containsExactly("a");
    }
}
