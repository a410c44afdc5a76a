package io.jepastream.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import io.jepastream.encoder.tensor.DeviceExecutor;
import io.jepastream.encoder.tensor.HostTensor;
import io.jepastream.encoder.tensor.Precision;
import java.io.IOException;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What V-JEPA 2.1 does that golden data do not show: odd sizes, refusals, the way through a bundle. */
final class DenseEncoderTest {
    private static final EncoderConfig TINY = EncoderConfig.builder(Family.VJEPA21)
            .imgSize(48)
            .numFrames(4)
            .embedDim(24)
            .depth(12)
            .numHeads(2)
            .mlpRatio(2)
            .build();
    private static final float SAME = 1e-5f;
    private static DeviceExecutor device;

    @TempDir
    Path scratch;

    @BeforeAll
    static void startDevice() {
        device = new DeviceExecutor(Device.cpu(), 0);
    }

    @AfterAll
    static void stopDevice() {
        device.close();
    }

    private static void with(EncoderConfig config, BiConsumer<NDManager, VideoEncoder> body) {
        device.call(scope -> {
            Map<String, HostTensor> state = JepaModelTest.state(config);
            try (VideoEncoder encoder = VideoEncoder.load(scope, config, Precision.FP32, state)) {
                body.accept(scope, encoder);
            }
            return true;
        });
    }

    private static NDArray clip(NDManager scope, long seed, long... sides) {
        Random random = new Random(seed);
        Shape shape = new Shape(sides);
        float[] values = new float[(int) shape.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return scope.create(values, shape);
    }

    private static void requireSame(NDArray got, NDArray wanted) {
        assertThat(got.getShape()).isEqualTo(wanted.getShape());
        assertThat(got.toFloatArray()).containsExactly(wanted.toFloatArray(), within(SAME));
    }

    /** As the reference's strided convolution does. */
    @Test
    void whatFillsNoTubeletOrPatch_isDropped() {
        with(TINY, (scope, encoder) -> {
            NDArray ragged = clip(scope, 1, 2, 3, 5, 55, 63);
            NDArray whole = ragged.get(":, :, :4, :48, :48").duplicate();
            requireSame(encoder.encode(scope, ragged), encoder.encode(scope, whole));
            NDArray image = clip(scope, 2, 1, 3, 1, 33, 17);
            requireSame(
                    encoder.encode(scope, image),
                    encoder.encode(scope, image.get(":, :, :, :32, :16").duplicate()));
        });
    }

    @Test
    void impossibleClip_isRefused() {
        with(TINY, (scope, encoder) -> {
            for (long[] sides : List.of(
                    new long[] {1, 3, 48, 48}, new long[] {1, 3, 0, 48, 48}, new long[] {1, 3, 4, 15, 48}, new long[] {
                        1, 4, 4, 48, 48
                    })) {
                NDArray bad = scope.zeros(new Shape(sides));
                assertThatThrownBy(() -> encoder.encode(scope, bad))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessage("clip: want [B, 3, T, H, W] with T 1 or from 2 and H, W from 16, got "
                                + bad.getShape());
            }
            NDArray good = clip(scope, 3, 1, 3, 4, 48, 48);
            assertThatThrownBy(() -> encoder.encodeLevels(scope, good, 2, 3))
                    .hasMessage("level: want one of [2, 5, 8, 11], got 3");
        });
        EncoderConfig second = EncoderConfig.builder(Family.VJEPA2)
                .imgSize(48)
                .numFrames(4)
                .embedDim(24)
                .depth(2)
                .numHeads(2)
                .build();
        with(second, (scope, encoder) -> {
            NDArray odd = scope.zeros(new Shape(1, 3, 3, 48, 48));
            assertThatThrownBy(() -> encoder.encode(scope, odd))
                    .hasMessageContaining("clip: want [B, 3, T, H, W] with T a multiple of 2");
        });
    }

    /** Where stretching divides 0 by 0 in the reference. */
    @Test
    void singleRowOfPatches_hasNumbers() {
        with(TINY, (scope, encoder) -> {
            for (long[] sides :
                    List.of(new long[] {1, 3, 4, 16, 48}, new long[] {1, 3, 4, 48, 16}, new long[] {1, 3, 1, 16, 16})) {
                NDArray tokens = encoder.encode(scope, clip(scope, 4, sides));
                for (float value : tokens.toFloatArray()) {
                    assertThat(value).isFinite();
                }
            }
        });
    }

    @Test
    void trainingOutput_isTheLevelsSideBySide() {
        with(TINY, (scope, encoder) -> {
            NDArray clip = clip(scope, 5, 2, 3, 6, 64, 32);
            NDArray wide = encoder.encodeHierarchical(scope, clip);
            assertThat(wide.getShape()).isEqualTo(new Shape(2, 24, 96));
            requireSame(wide, NDArrays.concat(encoder.encodeLevels(scope, clip, 2, 5, 8, 11), -1));
            requireSame(wide.get(new NDIndex(":, :, 72:")), encoder.encode(scope, clip));
            NDArray mask = scope.create(LongBuffer.wrap(new long[] {7, 0, 23, 1, 2, 9}), new Shape(2, 3));
            NDList both = encoder.encodeHierarchical(scope, clip, new NDList(mask, mask.duplicate()));
            assertThat(both).hasSize(2);
            NDArray plain =
                    encoder.encode(scope, clip, new NDList(mask.duplicate())).head();
            requireSame(both.get(1).get(new NDIndex(":, :, 72:")), plain);
        });
    }

    @Test
    void trainingOutputBeforeVersion21_isTheOutput() {
        EncoderConfig second = EncoderConfig.builder(Family.VJEPA2)
                .imgSize(32)
                .embedDim(24)
                .depth(2)
                .numHeads(2)
                .build();
        with(second, (scope, encoder) -> {
            NDArray clip = clip(scope, 6, 1, 3, 16, 32, 32);
            requireSame(encoder.encodeHierarchical(scope, clip), encoder.encode(scope, clip));
        });
    }

    /** One frame is an image; the same picture twice is a video of one tubelet. */
    @Test
    void image_hasPatchesOfItsOwn() {
        with(TINY, (scope, encoder) -> {
            NDArray image = clip(scope, 7, 1, 3, 1, 48, 48);
            NDArray still = encoder.encode(scope, image);
            NDArray twice = encoder.encode(scope, NDArrays.concat(new NDList(image, image.duplicate()), 2));
            assertThat(still.getShape()).isEqualTo(twice.getShape());
            assertThat(still.sub(twice).abs().max().getFloat()).isGreaterThan(0.01f);
        });
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void orderOfTheMask_isTheOrderOfItsTokensOnly(long seed) {
        with(TINY, (scope, encoder) -> {
            NDArray clip = clip(scope, seed, 1, 3, 4, 48, 64);
            List<Long> ids = new ArrayList<>(List.of(0L, 3L, 7L, 11L, 12L, 20L, 23L));
            NDArray sorted = masked(scope, encoder, clip, ids);
            List<Long> shuffled = new ArrayList<>(ids);
            Collections.shuffle(shuffled, new Random(seed));
            NDArray got = masked(scope, encoder, clip, shuffled);
            for (int i = 0; i < ids.size(); i++) {
                requireSame(
                        got.get(new NDIndex("0, " + shuffled.indexOf(ids.get(i)))), sorted.get(new NDIndex("0, " + i)));
            }
        });
    }

    private static NDArray masked(NDManager scope, VideoEncoder encoder, NDArray clip, List<Long> ids) {
        long[] values = ids.stream().mapToLong(Long::longValue).toArray();
        return encoder.encode(scope, clip, new NDList(scope.create(values, new Shape(1, values.length))))
                .head();
    }

    @Test
    void bundle_embedsByTheMeanOfItsTokensInBothPrecisions() throws IOException {
        Map<String, HostTensor> state = JepaModelTest.state(TINY);
        PredictorConfig predictor = PredictorConfig.officialFor(TINY);
        ModelBundle bundle = ModelBundle.write(
                scratch.resolve("dense"),
                new ModelBundle.Draft("dense", TINY, Optional.of(predictor), state, Map.of(), Map.of()));
        assertThat(bundle.encoder()).isEqualTo(TINY);
        assertThat(bundle.predictor()).contains(predictor);
        assertThat(bundle.transform().crop()).isEqualTo(48);
        Random random = new Random(8);
        List<byte[]> pictures = new ArrayList<>();
        for (int t = 0; t < TINY.numFrames(); t++) {
            byte[] picture = new byte[3 * 48 * 48];
            random.nextBytes(picture);
            pictures.add(picture);
        }
        List<PixelClip> clips = List.of(PixelClip.of(pictures, 48));
        ModelOptions cpu = ModelOptions.defaults().withDevice("cpu");
        try (JepaModel exact = JepaModel.open(bundle, cpu, List.of());
                JepaModel rough = JepaModel.open(bundle, cpu.withPrecision(Precision.BF16), List.of());
                JepaModel tokens = JepaModel.open(bundle, cpu.withPooling(Pooling.parse("tokens")), List.of())) {
            float[] mean = exact.infer(clips).get(0).vector();
            float[] all = tokens.infer(clips).get(0).vector();
            float[] bf16 = rough.infer(clips).get(0).vector();
            assertThat(all).hasSize(TINY.tokens() * 24);
            double difference = 0;
            double size = 0;
            for (int d = 0; d < 24; d++) {
                double sum = 0;
                for (int n = 0; n < TINY.tokens(); n++) {
                    sum += all[n * 24 + d];
                }
                assertThat(mean[d]).isCloseTo((float) (sum / TINY.tokens()), within(SAME));
                difference += Math.pow(bf16[d] - mean[d], 2);
                size += Math.pow(mean[d], 2);
            }
            assertThat(Math.sqrt(difference / size)).isBetween(1e-7, 4e-2);
            HostTensor image = HostTensor.of(new float[3 * 32 * 64], 1, 3, 1, 32, 64);
            assertThat(exact.forward(Map.of("video", image)))
                    .hasEntrySatisfying("tokens", t -> assertThat(t.shape()).containsExactly(1, 8, 24));
        }
    }
}
