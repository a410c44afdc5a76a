package io.jepastream.encoder.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jepastream.encoder.Family;
import io.jepastream.encoder.ModelBundle;
import io.jepastream.encoder.tensor.HostTensor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What goes out in a torch layout comes in again to the last bit. */
public final class ExportTest {
    private static final int MODELS = 20;

    @TempDir
    Path scratch;

    /** Same names and order, types, shapes and bytes. */
    public static void requireSame(Map<String, HostTensor> got, Map<String, HostTensor> wanted) {
        assertThat(got.keySet()).containsExactlyInAnyOrderElementsOf(wanted.keySet());
        wanted.forEach((name, tensor) -> {
            HostTensor other = got.get(name);
            assertThat(other.dtype()).as(name).isEqualTo(tensor.dtype());
            assertThat(other.shape()).as(name).isEqualTo(tensor.shape());
            assertThat(other.bytes()).as(name).isEqualTo(tensor.bytes());
        });
    }

    @ParameterizedTest
    @EnumSource(Family.class)
    void torchFile_comesBackToTheLastBit_underBothKeys(Family family) throws IOException {
        for (long seed = 0; seed < MODELS; seed++) {
            ModelBundle.Draft draft = RandomModel.draft(family, seed);
            ModelBundle bundle = ModelBundle.write(scratch.resolve("in" + seed), draft);
            Path file = scratch.resolve(seed + ".pt");
            CheckpointExport.write(bundle, file);
            for (Weights weights : Weights.values()) {
                ModelBundle.Draft back = CheckpointImport.importFile(
                        file, Optional.of(draft.encoder()), draft.predictor(), weights, Set.of());
                assertThat(back.predictor()).isEqualTo(draft.predictor());
                ModelBundle again = ModelBundle.write(scratch.resolve("out"), back);
                assertThat(again.encoder()).isEqualTo(draft.encoder());
                requireSame(again.encoderState(), draft.encoderState());
                requireSame(again.predictorState(), draft.predictorState());
            }
        }
    }

    @Test
    void encodersShareTheirBytes_keysAreWrapped_trainingStateIsNone() throws IOException {
        ModelBundle.Draft draft = RandomModel.draft(Family.VJEPA2, 3);
        Path file = scratch.resolve("model.pt");
        CheckpointExport.write(ModelBundle.write(scratch.resolve("bundle"), draft), file);
        Map<?, ?> top = (Map<?, ?>) TorchFile.open(file).root();
        long stored = draft.encoderState().values().stream()
                        .mapToLong(HostTensor::byteSize)
                        .sum()
                + draft.predictorState().values().stream()
                        .mapToLong(HostTensor::byteSize)
                        .sum();
        assertThat(Files.size(file)).isBetween(stored, stored + (1 << 17));
        assertThat(((Map<?, ?>) top.get("encoder")).keySet())
                .allSatisfy(name -> assertThat(name.toString()).startsWith("module.backbone."));
        assertThat(top.get("opt")).isEqualTo(PyNone.NONE);
        assertThat(top.get("epoch")).isEqualTo(0L);
    }

    @Test
    void everyRecordIsStored_andPassesItsChecksum() throws IOException {
        Path file = scratch.resolve("values.pt");
        TorchWriter.write(file, Map.of("a", HostTensor.of(new float[] {1, 2, 3}, 3)));
        try (ZipInputStream zip = new ZipInputStream(Files.newInputStream(file))) {
            int records = 0;
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                assertThat(entry.getMethod()).isEqualTo(ZipEntry.STORED);
                byte[] bytes = zip.readAllBytes(); // throws where the checksum does not hold
                if (entry.getName().equals("archive/version")) {
                    assertThat(new String(bytes, StandardCharsets.US_ASCII)).isEqualTo("3\n");
                }
                records++;
            }
            assertThat(records).isEqualTo(4);
        }
    }

    @Test
    void plainValuesComeBack_othersAreRefused() throws IOException {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("small", 7L);
        values.put("negative", -7L);
        values.put("large", 1L << 40);
        values.put("share", -0.125);
        values.put("truth", true);
        values.put("text", "ä");
        values.put("none", PyNone.NONE);
        values.put("list", List.of(1L, "two"));
        Path file = scratch.resolve("values.pt");
        TorchWriter.write(file, values);
        assertThat(TorchFile.open(file).root()).isEqualTo(values);
        assertThatThrownBy(() -> TorchWriter.write(file, Map.of("x", new Object())))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("want a tensor or a plain value, got Object");
        assertThat(TorchFile.open(file).root()).isEqualTo(values);
    }
}
