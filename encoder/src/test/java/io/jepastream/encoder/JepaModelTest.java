package io.jepastream.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.types.Shape;
import io.jepastream.encoder.tensor.HostTensor;
import io.jepastream.encoder.tensor.Precision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class JepaModelTest {
    private static final EncoderConfig TINY = EncoderConfig.builder(Family.VJEPA2)
            .imgSize(32)
            .numFrames(4)
            .embedDim(48)
            .depth(2)
            .numHeads(3)
            .build();

    @TempDir
    private static Path directory;

    private static ModelBundle bundle;

    @BeforeAll
    static void writeBundle() throws IOException {
        bundle = ModelBundle.write(directory.resolve("tiny"), draft(state(TINY)));
    }

    private static ModelBundle.Draft draft(Map<String, HostTensor> state) {
        return new ModelBundle.Draft("tiny", TINY, Optional.empty(), state, Map.of(), Map.of("source", "a test"));
    }

    static Map<String, HostTensor> state(EncoderConfig config) {
        Random random = new Random(7);
        Map<String, HostTensor> state = new LinkedHashMap<>();
        VideoEncoder.shapes(config).forEach((name, shape) -> {
            float[] values = new float[(int) shape.size()];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) (0.1 * random.nextGaussian()) + (name.endsWith("norm.weight") ? 1 : 0);
            }
            state.put(name, HostTensor.of(values, shape.getShape()));
        });
        return state;
    }

    private static PixelClip clip(long seed) {
        Random random = new Random(seed);
        List<byte[]> pictures = new ArrayList<>();
        for (int t = 0; t < TINY.numFrames(); t++) {
            byte[] picture = new byte[3 * 32 * 32];
            random.nextBytes(picture);
            pictures.add(picture);
        }
        return PixelClip.of(pictures, 32);
    }

    private static ModelOptions cpu() {
        return ModelOptions.defaults().withDevice("cpu");
    }

    @Test
    void bundle_comesBackAsWritten() throws IOException {
        ModelBundle read = ModelBundle.read(bundle.directory());
        assertThat(read.encoder()).isEqualTo(TINY);
        assertThat(read.name()).isEqualTo("tiny");
        assertThat(read.digest()).isEqualTo(bundle.digest()).hasSize(64);
        assertThat(read.transform()).isEqualTo(new EvalTransform(32));
        assertThat(read.provenance().path("source").asText()).isEqualTo("a test");
        assertThat(read.headNames()).isEmpty();
        assertThatThrownBy(() -> read.headDirectory("x")).hasMessageContaining("head: want one of [], got 'x'");
    }

    @Test
    void predictor_comesBackAsWritten() throws IOException {
        PredictorConfig predictor = PredictorConfig.officialFor(TINY);
        ModelBundle written = ModelBundle.write(
                directory.resolve("with-predictor"),
                new ModelBundle.Draft("p", TINY, Optional.of(predictor), state(TINY), Map.of(), Map.of()));
        assertThat(ModelBundle.read(written.directory()).predictor()).contains(predictor);
    }

    @Test
    void missingDirectoryOrForeignConfig_isRefused() throws IOException {
        assertThatThrownBy(() -> ModelBundle.read(directory.resolve("nowhere")))
                .hasMessageContaining("want a directory with config.json, got nothing");
        Path foreign = Files.createDirectory(directory.resolve("foreign"));
        assertThatThrownBy(() -> ModelBundle.read(foreign)).hasMessageContaining("want a file config.json, got none");
        Files.writeString(foreign.resolve("config.json"), "{\"format\":\"other/2\"}");
        Files.writeString(foreign.resolve("model.safetensors"), "");
        assertThatThrownBy(() -> ModelBundle.read(foreign)).hasMessageContaining("got 'other/2'");
    }

    @Test
    void clip_hasTheSameNumbersAloneAndAmongOthers() throws IOException {
        try (JepaModel model = JepaModel.open(bundle, cpu(), List.of())) {
            model.warmUp();
            float[] alone = model.infer(List.of(clip(1))).get(0).vector();
            List<ClipResult> together = model.infer(List.of(clip(2), clip(1), clip(3)));
            assertThat(together.get(1).vector()).containsExactly(alone);
            assertThat(together.get(0).vector()).isNotEqualTo(alone);
            assertThat(together.get(0).dim()).isEqualTo(48);
            assertThat(together.get(0).rows()).isOne();
        }
    }

    @Test
    void manyThreads_getTheirOwnResults() throws IOException {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try (JepaModel model = JepaModel.open(bundle, cpu(), List.of())) {
            List<float[]> wanted = new ArrayList<>();
            List<CompletableFuture<float[]>> got = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                PixelClip clip = clip(i);
                wanted.add(model.infer(List.of(clip)).get(0).vector());
                got.add(CompletableFuture.supplyAsync(
                        () -> model.infer(List.of(clip)).get(0).vector(), threads));
            }
            for (int i = 0; i < got.size(); i++) {
                assertThat(got.get(i).join()).containsExactly(wanted.get(i));
            }
        } finally {
            threads.shutdown();
        }
    }

    @Test
    void poolings_haveTheirRowsAndAgree() throws IOException {
        float[] mean = pooled("mean", 1);
        float[] time = pooled("time", 2);
        float[] tokens = pooled("tokens", 8);
        for (int d = 0; d < 48; d++) {
            double sum = 0;
            for (int n = 0; n < 8; n++) {
                sum += tokens[n * 48 + d];
            }
            assertThat(mean[d]).isCloseTo((float) (sum / 8), within(1e-5f));
            assertThat((time[d] + time[48 + d]) / 2).isCloseTo(mean[d], within(1e-5f));
        }
        assertThatThrownBy(() -> pooled("attentive:none", 1)).hasMessageContaining("want a head of []");
    }

    private static float[] pooled(String pooling, int rows) throws IOException {
        try (JepaModel model = JepaModel.open(bundle, cpu().withPooling(Pooling.parse(pooling)), List.of())) {
            ClipResult result = model.infer(List.of(clip(5))).get(0);
            assertThat(result.rows()).isEqualTo(rows);
            return result.vector();
        }
    }

    @Test
    void bf16_staysWithinTwoPercentOfFp32() throws IOException {
        try (JepaModel exact = JepaModel.open(bundle, cpu(), List.of());
                JepaModel fast = JepaModel.open(bundle, cpu().withPrecision(Precision.BF16), List.of())) {
            float[] wanted = exact.infer(List.of(clip(9))).get(0).vector();
            float[] got = fast.infer(List.of(clip(9))).get(0).vector();
            double difference = 0;
            double size = 0;
            for (int i = 0; i < wanted.length; i++) {
                difference += Math.pow(got[i] - wanted[i], 2);
                size += Math.pow(wanted[i], 2);
            }
            assertThat(Math.sqrt(difference / size)).isBetween(1e-7, 2e-2);
        }
    }

    @Test
    void rawForward_givesTokensPerMask() throws IOException {
        try (JepaModel model = JepaModel.open(bundle, cpu(), List.of())) {
            HostTensor video = HostTensor.of(new float[2 * 3 * 4 * 32 * 32], 2, 3, 4, 32, 32);
            HostTensor mask = HostTensor.of(new long[] {0, 3, 7, 1, 2, 4}, 2, 3);
            assertThat(model.forward(Map.of("video", video)))
                    .hasEntrySatisfying("tokens", t -> assertThat(t.shape()).containsExactly(2, 8, 48));
            assertThat(model.forward(Map.of("video", video, "masks.0", mask)))
                    .hasEntrySatisfying("tokens.0", t -> assertThat(t.shape()).containsExactly(2, 3, 48));
            HostTensor outside = HostTensor.of(new long[] {0, 8}, 2, 1);
            assertThatThrownBy(() -> model.forward(Map.of("video", video, "masks.0", outside)))
                    .hasMessageContaining("masks.0: want indices 0..7, got 8");
            assertThatThrownBy(() -> model.forward(Map.of("video", video, "masks.1", mask)))
                    .hasMessageContaining("input: want 'video' and 'masks.0'");
        }
    }

    @Test
    void wrongClip_isRefused() throws IOException {
        try (JepaModel model = JepaModel.open(bundle, cpu(), List.of())) {
            PixelClip small = PixelClip.of(List.of(new byte[3 * 16 * 16]), 16);
            assertThatThrownBy(() -> model.infer(List.of(small)))
                    .hasMessage("clip: want whole tubelets of 2 frames, at most 64, of 32 x 32, got 1 of 16 x 16");
        }
    }

    @Test
    void wrongTensors_areRefusedByName() throws IOException {
        Map<String, HostTensor> missing = state(TINY);
        missing.remove("norm.bias");
        missing.put("norm.offset", HostTensor.of(new float[48], 48));
        refused(missing, "missing 'norm.bias', unexpected 'norm.offset'");
        Map<String, HostTensor> misshapen = state(TINY);
        misshapen.put("norm.bias", HostTensor.of(new float[47], 47));
        refused(misshapen, "tensor 'norm.bias': want shape [48], got F32[47]");
        Map<String, HostTensor> broken = state(TINY);
        float[] values = new float[48];
        values[3] = Float.NaN;
        broken.put("norm.bias", HostTensor.of(values, 48));
        refused(broken, "tensor 'norm.bias': want finite values, got NaN at index 3");
    }

    private static void refused(Map<String, HostTensor> state, String message) throws IOException {
        ModelBundle bad = ModelBundle.write(directory.resolve("bad"), draft(state));
        assertThatThrownBy(() -> JepaModel.open(bad, cpu(), List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @Test
    void absentQkvBias_countsAsZero() throws IOException {
        EncoderConfig without = EncoderConfig.builder(Family.VJEPA2)
                .imgSize(32)
                .numFrames(4)
                .embedDim(48)
                .depth(2)
                .numHeads(3)
                .qkvBias(false)
                .build();
        Map<String, HostTensor> state = state(TINY);
        state.replaceAll((name, tensor) -> name.endsWith("qkv.bias") ? HostTensor.of(new float[144], 144) : tensor);
        Map<String, HostTensor> bare = new LinkedHashMap<>(state);
        bare.keySet().removeIf(name -> name.endsWith("qkv.bias"));
        Map<String, Shape> shapes = VideoEncoder.shapes(without);
        assertThat(bare.keySet()).isEqualTo(shapes.keySet());
        ModelBundle zero = ModelBundle.write(directory.resolve("zero"), draft(state));
        ModelBundle none = ModelBundle.write(
                directory.resolve("none"),
                new ModelBundle.Draft("none", without, Optional.empty(), bare, Map.of(), Map.of()));
        try (JepaModel a = JepaModel.open(zero, cpu(), List.of());
                JepaModel b = JepaModel.open(none, cpu(), List.of())) {
            assertThat(b.infer(List.of(clip(4))).get(0).vector())
                    .containsExactly(a.infer(List.of(clip(4))).get(0).vector());
        }
    }
}
