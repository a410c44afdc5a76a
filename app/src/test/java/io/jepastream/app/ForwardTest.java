package io.jepastream.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.jepastream.encoder.tensor.HostTensor;
import io.jepastream.encoder.tensor.Safetensors;
import io.jepastream.encoder.tensor.SafetensorsWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ForwardTest {
    private static final int TOKENS = 8 * 4 * 4;

    @TempDir
    Path directory;

    @Test
    void video_givesTokensAndLogits_asPlainTensors() throws Exception {
        Path model = TinyBundle.write(directory.resolve("model"));
        Path in = directory.resolve("in.safetensors");
        SafetensorsWriter.write(in, Map.of("video", video()), Map.of());

        Cli.Result result = forward(model, in);

        assertThat(result.code()).as(result.err()).isZero();
        Safetensors out = Safetensors.open(directory.resolve("out.safetensors"));
        assertThat(out.names()).containsExactlyInAnyOrder("tokens", "logits.mood");
        assertThat(out.shape("tokens")).containsExactly(2, TOKENS, 24);
        assertThat(out.shape("logits.mood")).containsExactly(2, 3);
    }

    @Test
    void masks_giveTheirTokensOnly_andAFullMaskChangesNothing() throws Exception {
        Path model = TinyBundle.write(directory.resolve("model"));
        Path in = directory.resolve("in.safetensors");
        SafetensorsWriter.write(in, Map.of("video", video()), Map.of());
        forward(model, in);
        float[] all = Safetensors.open(directory.resolve("out.safetensors"))
                .read("tokens")
                .floats();

        Map<String, HostTensor> masked = new LinkedHashMap<>();
        masked.put("video", video());
        masked.put("masks.0", HostTensor.of(new long[] {5, 1, 9, 7, 2, 8}, 2, 3));
        long[] every = new long[2 * TOKENS];
        for (int i = 0; i < every.length; i++) {
            every[i] = i % TOKENS;
        }
        masked.put("masks.1", HostTensor.of(every, 2, TOKENS));
        SafetensorsWriter.write(in, masked, Map.of());
        Cli.Result result = forward(model, in);

        assertThat(result.code()).as(result.err()).isZero();
        Safetensors out = Safetensors.open(directory.resolve("out.safetensors"));
        assertThat(out.names()).containsExactlyInAnyOrder("tokens.0", "tokens.1", "logits.mood");
        assertThat(out.shape("tokens.0")).containsExactly(2, 3, 24);
        float[] full = out.read("tokens.1").floats();
        for (int i = 0; i < full.length; i++) {
            assertThat(full[i]).isCloseTo(all[i], within(1e-5f));
        }
    }

    @Test
    void inputWithoutVideo_isRefused() throws Exception {
        Path model = TinyBundle.write(directory.resolve("model"));
        Path in = directory.resolve("in.safetensors");
        SafetensorsWriter.write(in, Map.of("x", video()), Map.of());

        Cli.Result result = forward(model, in);

        assertThat(result.code()).isEqualTo(2);
        assertThat(result.err()).contains("want a tensor 'video', got [x]");
    }

    private Cli.Result forward(Path model, Path in) {
        return Cli.run(
                "forward",
                "--model",
                model.toString(),
                "--input",
                in.toString(),
                "--output",
                directory.resolve("out.safetensors").toString());
    }

    private static HostTensor video() {
        SplittableRandom random = new SplittableRandom(3);
        float[] values = new float[2 * 3 * 16 * 64 * 64];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (random.nextDouble() * 4 - 2);
        }
        return HostTensor.of(values, 2, 3, 16, 64, 64);
    }
}
