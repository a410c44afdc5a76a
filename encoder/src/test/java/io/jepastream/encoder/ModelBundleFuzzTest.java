package io.jepastream.encoder;

import io.jepastream.encoder.checkpoint.RandomModel;
import io.jepastream.ingest.fuzz.Fuzz;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Configurations of bundles from anywhere. */
final class ModelBundleFuzzTest {
    @TempDir
    private Path scratch;

    @Test
    void configuration_isAModelsOrRefused() throws Exception {
        Path directory = scratch.resolve("bundle");
        Path config = directory.resolve("config.json");
        Fuzz fuzz = Fuzz.of("bundle config.json")
                .words("null", "true", "[]", "{}", "vjepa1", "vjepa2", "vjepa2.1", "\"img_size\": [16, 32]", "-", "1e9")
                .words("use_silu", "use_rope", "\":\"", "[[[[[[[[", "{\"a\":{\"a\":", "\"teacher_embed_dim\": 7, ")
                .mayThrow(IOException.class)
                .mayThrow(IllegalArgumentException.class)
                .mayAllocate(4 << 20, 256); // an architecture of the most blocks has a name for each tensor
        for (Family family : Family.values()) {
            for (long seed = 0; seed < 4; seed++) {
                ModelBundle.write(directory, RandomModel.draft(family, seed));
                fuzz.seed(Files.readAllBytes(config));
            }
        }
        fuzz.slow(2).run(input -> {
            Files.write(config, input);
            ModelBundle bundle = ModelBundle.read(directory);
            VideoEncoder.shapes(bundle.encoder());
            bundle.predictor().ifPresent(predictor -> Predictor.shapes(bundle.encoder(), predictor));
            if (bundle.encoder().tokens() < 1 || bundle.name().isEmpty()) {
                throw new AssertionError(
                        "no model has %d tokens".formatted(bundle.encoder().tokens()));
            }
        });
    }
}
