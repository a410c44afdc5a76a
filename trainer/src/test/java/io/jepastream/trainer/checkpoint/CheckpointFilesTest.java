package io.jepastream.trainer.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.jepastream.encoder.tensor.HostTensor;
import io.jepastream.encoder.tensor.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CheckpointFilesTest {
    @TempDir
    private Path run;

    private static Map<String, HostTensor> tensors(float value) {
        return Map.of("x", HostTensor.of(new float[] {value}, 1));
    }

    private List<String> inside() throws IOException {
        try (Stream<Path> files = Files.list(run.resolve("checkpoints"))) {
            return files.map(file -> String.valueOf(file.getFileName()))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void theLatestFew_areKept_byNumber() throws IOException {
        CheckpointFiles files = new CheckpointFiles(run, "epoch", 2);
        assertThat(files.latest()).isEmpty();
        for (int i = 8; i < 12; i++) {
            files.write(i, tensors(i), Map.of("n", "" + i));
        }
        assertThat(inside()).containsExactly("epoch-10.safetensors", "epoch-11.safetensors");
        Path latest = files.latest().orElseThrow();
        assertThat(files.number(latest)).isEqualTo(11);
        assertThat(Safetensors.open(latest).read("x").floats()).containsExactly(11);
    }

    @Test
    void whatAKillLeftHalfWritten_isNoCheckpoint_andGoesWithTheNext() throws IOException {
        CheckpointFiles files = new CheckpointFiles(run, "epoch", 1);
        Path half = Files.createDirectories(run.resolve("checkpoints")).resolve("epoch-3.safetensors.1f-2e.tmp");
        Files.writeString(half, "half");
        Path other = Files.writeString(run.resolve("checkpoints/notes.tmp"), "a user's");
        assertThat(files.latest()).isEmpty();
        files.write(1, tensors(1), Map.of());
        assertThat(inside()).containsExactly("epoch-1.safetensors", "notes.tmp");
        files.remove();
        assertThat(inside()).containsExactly("notes.tmp");
        Files.delete(other);
        files.remove();
        assertThat(run.resolve("checkpoints")).doesNotExist();
        files.remove();
    }
}
