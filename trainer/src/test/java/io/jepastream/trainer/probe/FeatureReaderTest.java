package io.jepastream.trainer.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.jepastream.encoder.EncoderConfig;
import io.jepastream.encoder.Family;
import io.jepastream.encoder.ModelBundle;
import io.jepastream.encoder.ModelOptions;
import io.jepastream.encoder.tensor.Dtype;
import io.jepastream.encoder.tensor.HostTensor;
import io.jepastream.trainer.eval.Protocol;
import io.jepastream.trainer.pretrain.InitialWeights;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FeatureReaderTest {
    private static final Protocol ONE = new Protocol(1, 2, 4, 1, true, 0);
    private static final long MUCH = 1 << 30;

    @TempDir
    Path directory;

    private ModelBundle bundle;
    private final List<String> problems = new ArrayList<>();

    @BeforeEach
    void writeBundle() throws IOException {
        EncoderConfig config = EncoderConfig.builder(Family.VJEPA2)
                .imgSize(32)
                .patchSize(16)
                .numFrames(4)
                .tubeletSize(2)
                .embedDim(24)
                .depth(2)
                .numHeads(2)
                .build();
        bundle = ModelBundle.write(
                directory.resolve("model"),
                new ModelBundle.Draft(
                        "tiny",
                        config,
                        Optional.empty(),
                        InitialWeights.encoder(config, new SplittableRandom(1)),
                        Map.of(),
                        Map.of()));
    }

    @Test
    void whatIsKept_isNotComputedAgain_untilSomethingChanges() throws IOException {
        Path video = video("a.mp4", Color.RED, Color.BLUE);
        FeatureSpec tokens = spec(List.of(), false);

        float[] first = values(tokens, ONE, video, 1);
        assertThat(values(tokens, ONE, video, 0)).isEqualTo(first).hasSize(2 * 2 * 4 * 24);
        values(tokens, new Protocol(1, 2, 4, 2, true, 0), video, 1);
        values(tokens, new Protocol(1, 2, 4, 1, true, 1), video, 1);
        values(spec(List.of(0, 1), false), ONE, video, 1);
        values(spec(List.of(), true), ONE, video, 1);

        Files.setLastModifiedTime(video, FileTime.from(Instant.EPOCH));
        assertThat(values(tokens, ONE, video, 1)).isEqualTo(first);
        video("a.mp4", Color.GREEN, Color.BLUE);
        assertThat(values(tokens, ONE, video, 1)).isNotEqualTo(first);
    }

    @Test
    void shapesFollowProtocolAndLevels_pooledIsTheMean() throws IOException {
        Path video = video("a.mp4", Color.RED, Color.BLUE, Color.GREEN);

        assertThat(read(spec(List.of(), false), ONE, video).shape()).containsExactly(1, 16, 24);
        assertThat(read(spec(List.of(0, 1), false), ONE, video).shape()).containsExactly(1, 32, 24);
        Protocol apart = new Protocol(3, 2, 4, 1, false, 0);
        HostTensor tokens = read(spec(List.of(), false), apart, video);
        assertThat(tokens.shape()).containsExactly(6, 8, 24);
        assertThat(spec(List.of(), false).values(bundle.encoder())).isEqualTo(16 * 24);

        HostTensor pooled = read(spec(List.of(), true), apart, video);
        assertThat(pooled.shape()).containsExactly(6, 1, 24);
        float[] all = tokens.floats();
        double sum = 0;
        for (int token = 0; token < 8; token++) {
            sum += all[(8 + token) * 24 + 5];
        }
        assertThat(pooled.floats()[24 + 5]).isCloseTo((float) (sum / 8), within(1e-5f));
    }

    @Test
    void whatCannotBeRead_isNamed_andTheOthersStay() throws IOException {
        Path bad = directory.resolve("bad.mp4");
        Files.writeString(bad, "no video");
        Path good = video("a.mp4", Color.RED);
        List<FeatureReader.Item> items = List.of(
                new FeatureReader.Item(bad, 0),
                new FeatureReader.Item(good, 1),
                new FeatureReader.Item(directory.resolve("gone.mp4"), 0),
                new FeatureReader.Item(good, 2));

        List<Sample> samples = read(spec(List.of(), false), ONE, items, cache(MUCH));

        assertThat(samples).extracting(Sample::label).containsExactly(1, 2);
        assertThat(problems).hasSize(2);
        assertThat(problems.get(0)).contains("bad.mp4");
        assertThat(problems.get(1)).contains("gone.mp4");
    }

    @Test
    void autoTakesHalves_whereThereIsMuch() {
        FeatureSpec auto = new FeatureSpec(ONE, List.of(), false, FeatureSpec.Storage.AUTO);
        assertThat(auto.dtype(bundle.encoder(), 1000)).isEqualTo(Dtype.F32);
        assertThat(auto.dtype(bundle.encoder(), 2_000_000)).isEqualTo(Dtype.F16);
        assertThat(FeatureSpec.Storage.named("bf16")).isEqualTo(FeatureSpec.Storage.BF16);
        assertThatThrownBy(() -> FeatureSpec.Storage.named("int8")).hasMessageContaining("got 'int8'");
    }

    @Test
    void aFullCache_forgetsWhatOthersLeft_butNotItsOwn() throws IOException {
        Path folder = directory.resolve("cache");
        HostTensor kilobyte = HostTensor.of(new float[256], 1, 16, 16);
        FeatureCache earlier = new FeatureCache(folder, MUCH, at(1));
        Path old = earlier.put("old", kilobyte);
        long each = Files.size(old);
        Path newer = new FeatureCache(folder, MUCH, at(2)).put("new", kilobyte);

        FeatureCache small = new FeatureCache(folder, each * 2 + 10, at(3));
        small.put("1st", kilobyte);
        assertThat(old).doesNotExist();
        assertThat(newer).exists();
        small.put("2nd", kilobyte);
        assertThat(newer).doesNotExist();
        assertThatThrownBy(() -> small.put("3rd", kilobyte))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("--cache-limit");
        assertThat(small.find("1st")).isPresent();
        assertThat(small.find("old")).isEmpty();
        assertThatThrownBy(() -> read(
                        spec(List.of(), false),
                        ONE,
                        List.of(new FeatureReader.Item(video("a.mp4", Color.RED), 0)),
                        cache(100)))
                .hasMessageContaining("--cache-limit");
    }

    private static Clock at(long second) {
        return Clock.fixed(Instant.ofEpochSecond(second), ZoneOffset.UTC);
    }

    private static FeatureSpec spec(List<Integer> levels, boolean pooled) {
        return new FeatureSpec(ONE, levels, pooled, FeatureSpec.Storage.FP32);
    }

    private FeatureCache cache(long limit) throws IOException {
        return new FeatureCache(directory.resolve("features"), limit);
    }

    private float[] values(FeatureSpec spec, Protocol protocol, Path video, int computed) throws IOException {
        try (FeatureReader reader = new FeatureReader(bundle, options(), spec, cache(MUCH))) {
            List<Sample> samples =
                    reader.read(List.of(new FeatureReader.Item(video, 0)), protocol, (file, problem) -> {});
            assertThat(reader.computed()).isEqualTo(computed);
            return FeatureCache.read(samples.get(0).features()).floats();
        }
    }

    private HostTensor read(FeatureSpec spec, Protocol protocol, Path video) throws IOException {
        List<Sample> samples = read(spec, protocol, List.of(new FeatureReader.Item(video, 0)), cache(MUCH));
        return FeatureCache.read(samples.get(0).features());
    }

    private List<Sample> read(FeatureSpec spec, Protocol protocol, List<FeatureReader.Item> items, FeatureCache cache)
            throws IOException {
        try (FeatureReader reader = new FeatureReader(bundle, options(), spec, cache)) {
            return reader.read(items, protocol, (video, problem) -> problem.ifPresent(problems::add));
        }
    }

    private static ModelOptions options() {
        return ModelOptions.defaults().withDevice("cpu").withThreads(1);
    }

    /** Pictures one behind the other, which libav takes for a video. */
    private Path video(String name, Color... colors) throws IOException {
        Path file = directory.resolve(name);
        try (OutputStream out = Files.newOutputStream(file)) {
            for (Color color : colors) {
                BufferedImage image = new BufferedImage(48, 40, BufferedImage.TYPE_INT_RGB);
                Graphics2D graphics = image.createGraphics();
                graphics.setColor(color);
                graphics.fillRect(4, 4, 30, 20);
                graphics.dispose();
                ImageIO.write(image, "png", out);
            }
        }
        return file;
    }
}
