package io.jepastream.encoder.huggingface;

import io.jepastream.encoder.Family;
import io.jepastream.encoder.ModelBundle;
import io.jepastream.encoder.checkpoint.CheckpointException;
import io.jepastream.encoder.checkpoint.RandomModel;
import io.jepastream.ingest.fuzz.Fuzz;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Configurations of Hugging Face directories from anywhere. */
final class HfDirectoryFuzzTest {
    @TempDir
    private Path scratch;

    @Test
    void configuration_isAModelsOrRefused() throws Exception {
        ModelBundle bundle = ModelBundle.write(scratch.resolve("bundle"), RandomModel.draft(Family.VJEPA2, 3));
        Path directory = scratch.resolve("hf");
        HfExport.write(bundle, Optional.empty(), directory);
        Path config = directory.resolve("config.json");
        Fuzz.of("Hugging Face config.json")
                .seed(Files.readAllBytes(config))
                .words(
                        "null",
                        "true",
                        "[]",
                        "{}",
                        "\"id2label\": {\"0\": \"a\"}, ",
                        "\"0\"",
                        "\":\"",
                        "[[[[[[[[",
                        "1e9")
                .mayThrow(CheckpointException.class)
                .mayAllocate(4 << 20, 256)
                .slow(3)
                .run(input -> {
                    Files.write(config, input);
                    HfDirectory model = HfDirectory.open(directory);
                    model.labels();
                    model.headHeads();
                    model.unusualPreprocessing();
                    model.draft(Set.of());
                });
    }
}
