package io.jepastream.encoder.huggingface;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jepastream.encoder.EncoderConfig;
import io.jepastream.encoder.Family;
import io.jepastream.encoder.ModelBundle;
import io.jepastream.encoder.checkpoint.CheckpointException;
import io.jepastream.encoder.checkpoint.ExportTest;
import io.jepastream.encoder.checkpoint.RandomModel;
import io.jepastream.encoder.tensor.HostTensor;
import io.jepastream.encoder.tensor.Safetensors;
import io.jepastream.encoder.tensor.SafetensorsWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class HfDirectoryTest {
    private static final int MODELS = 20;
    private static final long WITH_PREDICTOR = 3;
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path scratch;

    private Path directory;
    private ModelBundle bundle;

    @BeforeEach
    void exportOne() throws IOException {
        bundle = ModelBundle.write(scratch.resolve("bundle"), RandomModel.draft(Family.VJEPA2, seedWithPredictor()));
        directory = scratch.resolve("hf");
        HfExport.write(bundle, Optional.empty(), directory);
    }

    private static long seedWithPredictor() {
        long seed = WITH_PREDICTOR;
        while (RandomModel.draft(Family.VJEPA2, seed).predictor().isEmpty()) {
            seed++;
        }
        return seed;
    }

    private void config(Consumer<ObjectNode> change) throws IOException {
        json(directory.resolve("config.json"), change);
    }

    private static void json(Path file, Consumer<ObjectNode> change) throws IOException {
        ObjectNode node = (ObjectNode) JSON.readTree(file.toFile());
        change.accept(node);
        JSON.writeValue(file.toFile(), node);
    }

    private void weights(Consumer<Map<String, HostTensor>> change) throws IOException {
        Path file = directory.resolve("model.safetensors");
        Map<String, HostTensor> tensors =
                new LinkedHashMap<>(Safetensors.open(file).readAll(""));
        change.accept(tensors);
        SafetensorsWriter.write(file, tensors, Map.of());
    }

    private String complaint() {
        try {
            HfDirectory.open(directory).draft(Set.of());
            return "accepted";
        } catch (CheckpointException e) {
            return String.valueOf(e.getMessage());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void comesBackToTheLastBit_wholeOrInShards() throws IOException {
        for (long seed = 0; seed < MODELS; seed++) {
            ModelBundle.Draft draft = RandomModel.draft(Family.VJEPA2, seed);
            ModelBundle in = ModelBundle.write(scratch.resolve("in" + seed), draft);
            Path out = scratch.resolve("hf" + seed);
            HfExport.write(in, Optional.empty(), out, seed % 2 == 0 ? Long.MAX_VALUE : 2000);
            assertThat(Files.exists(out.resolve("model.safetensors.index.json")))
                    .isEqualTo(seed % 2 == 1);
            assertThat(HfDirectory.is(out)).isTrue();
            ModelBundle.Draft back = HfDirectory.open(out).draft(Set.of());
            assertThat(back.encoder()).isEqualTo(draft.encoder());
            assertThat(back.predictor()).isEqualTo(draft.predictor());
            assertThat(back.provenance()).containsEntry("weights", "online");
            ModelBundle again = ModelBundle.write(scratch.resolve("again" + seed), back);
            ExportTest.requireSame(again.encoderState(), draft.encoderState());
            ExportTest.requireSame(again.predictorState(), draft.predictorState());
        }
    }

    @Test
    void namesAreThePorts() throws IOException {
        EncoderConfig encoder = bundle.encoder();
        Safetensors file = Safetensors.open(directory.resolve("model.safetensors"));
        int dim = encoder.embedDim();
        assertThat(file.shape("encoder.embeddings.patch_embeddings.proj.weight"))
                .containsExactly(dim, 3, 2, 4, 4);
        assertThat(file.shape("encoder.layer.0.attention.value.weight")).containsExactly(dim, dim);
        assertThat(file.shape("encoder.layer.0.attention.proj.weight")).containsExactly(dim, dim);
        assertThat(file.names())
                .contains(
                        "encoder.layernorm.weight",
                        "encoder.layer.0.norm1.bias",
                        "encoder.layer.0.mlp.fc2.bias",
                        "predictor.embeddings.predictor_embeddings.weight",
                        "predictor.embeddings.mask_tokens",
                        "predictor.layer.0.attention.query.weight",
                        "predictor.layernorm.bias",
                        "predictor.proj.weight");
        HostTensor joint = bundle.encoderState().get("blocks.0.attn.qkv.weight");
        assertThat(joint.slice(2 * dim * dim, dim, dim).bytes())
                .isEqualTo(file.read("encoder.layer.0.attention.value.weight").bytes());
    }

    @Test
    void unknownFieldsAndTheOlderSizeAreTakenAsTheyAre() throws IOException {
        int side = bundle.encoder().imgHeight();
        config(node -> {
            node.remove("crop_size");
            node.put("image_size", side).put("use_SiLU", false).put("invented", 3);
        });
        assertThat(HfDirectory.open(directory).draft(Set.of()).encoder()).isEqualTo(bundle.encoder());
    }

    @Test
    void otherActivationsAndModelsAreRefused() throws IOException {
        config(node -> node.put("hidden_act", "relu"));
        assertThat(complaint()).contains("field 'hidden_act': want gelu, got 'relu'");
        config(node -> node.put("hidden_act", "gelu").put("model_type", "ijepa"));
        assertThat(complaint()).contains("field 'model_type': want vjepa2, got 'ijepa'");
        config(node -> node.put("model_type", "vjepa2").put("num_attention_heads", 7));
        assertThat(complaint()).contains("want a positive multiple of num_heads 7");
        Files.writeString(directory.resolve("config.json"), "{\"model_type\": ");
        assertThat(complaint()).contains("config.json: want JSON");
        Files.writeString(directory.resolve("config.json"), " ".repeat((4 << 20) + 1));
        assertThat(complaint()).contains("config.json: want at most 4194304 bytes, got 4194305");
    }

    @Test
    void theTensorAtFaultIsNamedAsInTheFile() throws IOException {
        weights(tensors -> tensors.remove("encoder.layer.0.attention.key.weight"));
        assertThat(complaint()).contains("missing [encoder.layer.0.attention.key.weight], unexpected []");
        weights(tensors -> {
            tensors.put("encoder.layer.0.attention.key.weight", HostTensor.of(new float[] {1, 2}, 2));
        });
        assertThat(complaint()).contains("'encoder.layer.0.attention.key.weight': want shape [", "got F32[2]");
    }

    @Test
    void whatIsUnexpectedOrNotFiniteNeedsToBeWaived() throws IOException {
        String norm = "encoder.layernorm.weight";
        float[] values = new float[bundle.encoder().embedDim()];
        values[1] = Float.NaN;
        weights(tensors -> {
            tensors.put("extra", HostTensor.of(new float[] {1}, 1));
            tensors.put(norm, HostTensor.of(values, values.length));
        });
        assertThat(complaint()).contains("unexpected [extra]");
        assertThatThrownBy(() -> HfDirectory.open(directory).draft(Set.of("extra")))
                .hasMessageContaining("'%s': want finite values, got NaN at index 1".formatted(norm));
        assertThat(HfDirectory.open(directory).draft(Set.of("extra", norm)).encoderState())
                .hasSameSizeAs(bundle.encoderState());
    }

    @Test
    void anIndexStaysInItsDirectory_andIsHeldToItsWord() throws IOException {
        Path out = scratch.resolve("shards");
        HfExport.write(bundle, Optional.empty(), out, 2000);
        directory = out;
        Path index = out.resolve("model.safetensors.index.json");
        String text = Files.readString(index);
        for (String escape : new String[] {"../bundle/model.safetensors", "/etc/passwd", "..", "a/b.safetensors"}) {
            json(index, node -> ((ObjectNode) node.path("weight_map")).put("encoder.layernorm.weight", escape));
            assertThat(complaint()).contains("want the name of a .safetensors file in the directory", escape);
        }
        Files.writeString(index, text);
        json(
                index,
                node -> ((ObjectNode) node.path("weight_map"))
                        .put(
                                "nothing",
                                "model-00001-of-%s"
                                        .formatted(text.replaceAll("(?s).*?-of-(\\d+\\.safetensors).*", "$1"))));
        assertThat(complaint()).contains("want 'nothing' in model-00001-of-");
        Files.writeString(index, text);
        json(index, node -> ((ObjectNode) node.path("weight_map")).remove("encoder.layernorm.weight"));
        assertThat(complaint()).contains("got no 'encoder.layernorm.weight'");
        Files.writeString(index, "[]");
        assertThat(complaint()).contains("want a field 'weight_map'");
    }

    @Test
    void preprocessingIsComparedWithOurs() throws IOException {
        assertThat(HfDirectory.open(directory).unusualPreprocessing()).isEmpty();
        json(directory.resolve("video_preprocessor_config.json"), node -> {
            node.put("resample", 3);
            node.putArray("image_mean").add(0.5).add(0.5).add(0.5);
            node.put("later_field", true);
        });
        assertThat(HfDirectory.open(directory).unusualPreprocessing())
                .satisfiesExactly(
                        one -> assertThat(one).contains("'resample': want 2, got 3"),
                        two -> assertThat(two).contains("'image_mean': want [0.485,0.456,0.406], got [0.5,0.5,0.5]"));
    }

    @Test
    void theProbeOfTheGiantHasTheHeadsItWasTrainedWith() {
        EncoderConfig giant =
                EncoderConfig.builder(Family.VJEPA2, "vit_giant_xformers").build();
        assertThat(giant.numHeads()).isEqualTo(22);
        assertThat(HfConfig.poolerHeads(JSON.createObjectNode(), giant)).isEqualTo(16);
        assertThat(HfConfig.poolerHeads(JSON.createObjectNode(), bundle.encoder()))
                .isEqualTo(bundle.encoder().numHeads());
    }

    @Test
    void whatThePortCannotSayIsRefused() throws IOException {
        ModelBundle first = ModelBundle.write(scratch.resolve("v1"), RandomModel.draft(Family.VJEPA1, 1));
        assertThatThrownBy(() -> HfExport.write(first, Optional.empty(), scratch.resolve("x")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("want a model of family vjepa2, got vjepa1");
        ModelBundle.Draft draft = RandomModel.draft(Family.VJEPA2, 1);
        EncoderConfig gated =
                EncoderConfig.builder(Family.VJEPA2).silu(true, true).build();
        ModelBundle.Draft silu =
                new ModelBundle.Draft("gated", gated, Optional.empty(), draft.encoderState(), Map.of(), Map.of());
        ModelBundle second = ModelBundle.write(scratch.resolve("gated"), silu);
        assertThatThrownBy(() -> HfExport.write(second, Optional.empty(), scratch.resolve("x")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("want a plain feed-forward part (GELU), got a gated one (SwiGLU)");
        assertThat(scratch.resolve("x")).doesNotExist();
    }
}
