package io.jepastream.trainer.pretrain;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.jepastream.ingest.fuzz.Fuzz;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** Configurations of runs. */
final class PretrainConfigFuzzTest {
    @Test
    void text_isARunOrRefused() throws Exception {
        Fuzz fuzz = Fuzz.of("pretrain YAML")
                .words("recipe: vjepa1\n", "null", "~", "[]", "{}", "[null]", "&a ", "*a", "<<: *a", "---\n", "%", "!!")
                .words(
                        "!!javax.script.ScriptEngineManager [!!java.net.URLClassLoader [[]]]",
                        "\t",
                        "|",
                        ">",
                        "? ",
                        "- ")
                .words(
                        "0o",
                        "0x_",
                        "-0b_",
                        "1_",
                        "+.inf",
                        "2001-01-01",
                        "\u0000",
                        "\ufeff",
                        "\"\\x\"",
                        "a: b: c",
                        "\n  ")
                .mayThrow(IOException.class)
                .mayAllocate(4 << 20, 1024)
                .slow(2);
        for (String recipe : new String[] {"vjepa1", "vjepa2", "vjepa2.1"}) {
            fuzz.seed("""
                    recipe: %s
                    seed: 7
                    model: {size: vit_tiny, img_size: 64, num_frames: 4}
                    data:
                      sets:
                        - {videos: [a.mp4, "b c.mkv"], weight: 0.5, fps: 4}
                        - {lists: [list.csv], weight: 1e-1}
                      batch_size: 2
                    mask:
                      - {num_blocks: 8, spatial_scale: [0.15, 0.15], temporal_scale: [1, 1], aspect_ratio: [0.75, 1.5]}
                    optimization: {ipe: 10, epochs: 2, ema: [0.998, 1.0]}
                    run: {device: cpu, devices: [cpu]}
                    """.formatted(recipe));
        }
        fuzz.run(input -> {
            try {
                PretrainConfig.parse("run.yaml", new String(input, UTF_8)).toYaml();
            } catch (IOException e) {
                requireExplained(e);
            }
        });
    }

    /** A slip of ours inside a constructor comes out as Jackson's own exception. */
    private static void requireExplained(IOException refusal) throws IOException {
        for (Throwable cause = refusal; cause != null; cause = cause.getCause()) {
            if (cause instanceof NullPointerException || cause instanceof IndexOutOfBoundsException) {
                throw new AssertionError("refused by accident: " + cause.getMessage(), refusal);
            }
        }
        throw refusal;
    }
}
