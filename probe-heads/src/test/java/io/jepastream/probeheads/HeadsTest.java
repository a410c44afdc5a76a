package io.jepastream.probeheads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.jepastream.encoder.ClipResult;
import io.jepastream.encoder.EncoderConfig;
import io.jepastream.encoder.Family;
import io.jepastream.encoder.JepaModel;
import io.jepastream.encoder.ModelBundle;
import io.jepastream.encoder.ModelOptions;
import io.jepastream.encoder.PixelClip;
import io.jepastream.encoder.Pooling;
import io.jepastream.encoder.VideoEncoder;
import io.jepastream.encoder.tensor.DeviceExecutor;
import io.jepastream.encoder.tensor.HostTensor;
import io.jepastream.encoder.tensor.Precision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class HeadsTest {
    private static final EncoderConfig ENCODER = EncoderConfig.builder(Family.VJEPA1)
            .imgSize(32)
            .numFrames(4)
            .embedDim(48)
            .depth(1)
            .numHeads(3)
            .build();
    private static final ProbeConfig ATTENTIVE = new ProbeConfig(ProbeConfig.Kind.ATTENTIVE_V2, 48, 4, 4, 2, 3, 1e-5);
    private static final ProbeConfig MEAN = new ProbeConfig(ProbeConfig.Kind.MEAN, 48, 1, 4, 1, 2, 1e-5);

    @TempDir
    private Path scratch;

    private Path directory;

    private ModelBundle bundle;

    @BeforeEach
    void writeBundle() throws IOException {
        directory = scratch.resolve("bundle");
        bundle = ModelBundle.write(
                directory,
                new ModelBundle.Draft(
                        "tiny", ENCODER, Optional.empty(), state(VideoEncoder.shapes(ENCODER)), Map.of(), Map.of()));
        Heads.write(bundle, "att", ATTENTIVE, state(Probe.shapes(ATTENTIVE, 1)), List.of("a", "b c", "d"));
        Heads.write(bundle, "lin", MEAN, state(Probe.shapes(MEAN, 1)), List.of("no", "yes"));
    }

    private static Map<String, HostTensor> state(Map<String, Shape> shapes) {
        Random random = new Random(3);
        Map<String, HostTensor> state = new LinkedHashMap<>();
        shapes.forEach((name, shape) -> {
            float[] values = new float[(int) shape.size()];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) (0.2 * random.nextGaussian());
            }
            state.put(name, HostTensor.of(values, shape.getShape()));
        });
        return state;
    }

    @Test
    void linksOutOfTheBundle_areRefused() throws IOException {
        Path secret =
                Files.writeString(directory.resolveSibling(directory.getFileName() + "-secret"), "root:x\na\nb\n");
        Path labels = bundle.headDirectory("att").resolve("labels.txt");
        Files.delete(labels);
        Files.createSymbolicLink(labels, secret);
        assertThatThrownBy(() -> Heads.openAll(bundle))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("labels.txt, a link to the outside");
        Path config = directory.resolve("config.json");
        Files.move(config, secret, StandardCopyOption.REPLACE_EXISTING);
        Files.createSymbolicLink(config, secret);
        assertThatThrownBy(() -> ModelBundle.read(directory))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("config.json, a link to the outside");
    }

    @Test
    void bundleThatIsALinkItself_isRead() throws IOException {
        Path link = Files.createSymbolicLink(directory.resolveSibling(directory.getFileName() + "-link"), directory);
        assertThat(Heads.openAll(ModelBundle.read(link))).hasSize(2);
    }

    @Test
    void heads_comeBackAsWritten() throws IOException {
        assertThat(bundle.headNames()).containsExactly("att", "lin");
        ProbeHead head = Heads.open(bundle, List.of("att")).get(0);
        assertThat(head.config()).isEqualTo(ATTENTIVE);
        assertThat(head.labels()).containsExactly("a", "b c", "d");
        assertThat(head.digest())
                .hasSize(64)
                .isEqualTo(Heads.open(bundle, List.of("att")).get(0).digest())
                .isNotEqualTo(Heads.open(bundle, List.of("lin")).get(0).digest());
    }

    @Test
    void severalHeads_readOneClip_andAttentivePoolingIsTheQuery() throws IOException {
        ModelOptions options = ModelOptions.defaults().withDevice("cpu").withPooling(Pooling.parse("attentive:att"));
        try (JepaModel model = JepaModel.open(bundle, options, Heads.openAll(bundle))) {
            byte[] picture = new byte[3 * 32 * 32];
            new Random(1).nextBytes(picture);
            ClipResult result = model.infer(List.of(PixelClip.of(Collections.nCopies(4, picture), 32)))
                    .get(0);
            assertThat(result.logits()).containsOnlyKeys("att", "lin");
            assertThat(result.logits())
                    .hasEntrySatisfying("att", l -> assertThat(l).hasSize(3));
            assertThat(result.rows()).isOne();
            assertThat(result.dim()).isEqualTo(48);
            HostTensor video = HostTensor.of(new float[3 * 4 * 32 * 32], 1, 3, 4, 32, 32);
            assertThat(model.forward(Map.of("video", video))).containsOnlyKeys("tokens", "logits.att", "logits.lin");
        }
    }

    @Test
    void unknownHeadOrWrongLabels_areRefused() throws IOException {
        assertThatThrownBy(() -> Heads.open(bundle, List.of("other")))
                .hasMessage("head: want one of [att, lin], got 'other'");
        assertThatThrownBy(() -> Heads.write(bundle, "lin", MEAN, state(Probe.shapes(MEAN, 1)), List.of("only")))
                .hasMessage("head lin: want 2 labels, got 1");
        Files.writeString(bundle.headDirectory("lin").resolve("labels.txt"), "only\n");
        assertThatThrownBy(() -> Heads.open(bundle, List.of("lin")))
                .hasMessage("head lin: labels.txt: want 2 lines, got 1");
    }

    @Test
    void optionsOfAHead_comeBackAsWritten_andHaveToFitTheEncoder() throws IOException {
        ProbeConfig layers = MEAN.withOutLayers(List.of(0, 1));
        Heads.write(bundle, "levels", layers, state(Probe.shapes(layers, 1)), List.of("a", "b"));
        ProbeHead head = Heads.open(bundle, List.of("levels")).get(0);
        assertThat(head.config()).isEqualTo(layers);
        ProbeConfig deep = MEAN.withOutLayers(List.of(0, 99));
        Heads.write(bundle, "levels", deep, state(Probe.shapes(deep, 1)), List.of("a", "b"));
        List<ProbeHead> tooDeep = Heads.open(bundle, List.of("levels"));
        assertThatThrownBy(() -> JepaModel.open(bundle, ModelOptions.defaults().withDevice("cpu"), tooDeep))
                .hasMessageContaining("head levels: out_layers: want blocks 0..")
                .hasMessageContaining("[0, 99]");
        assertThatThrownBy(() -> MEAN.withOutLayers(List.of(3, 3))).hasMessageContaining("want ascending out_layers");
    }

    /** With no keys every token counts alike: the pooled query is the mean of the values, without norm or residual. */
    @Test
    void bareCrossAttention_isNothingButAttention() {
        ProbeConfig bare = new ProbeConfig(ProbeConfig.Kind.ATTENTIVE_V1, 48, 4, 4, 1, 3, 1e-5, false, List.of());
        Map<String, HostTensor> state = state(Probe.shapes(bare, 2));
        assertThat(state).containsKeys("pooler.cross_attention_block.q.weight", "pooler.cross_attention_block.kv.bias");
        float[] kv = new float[96 * 48];
        for (int i = 0; i < 48; i++) {
            kv[(48 + i) * 48 + i] = 1; // values are the tokens themselves
        }
        state.put("pooler.cross_attention_block.kv.weight", HostTensor.of(kv, 96, 48));
        state.put("pooler.cross_attention_block.kv.bias", HostTensor.of(new float[96], 96));
        Random random = new Random(3);
        float[] tokens = new float[5 * 48];
        float[] mean = new float[2 * 48];
        for (int i = 0; i < tokens.length; i++) {
            tokens[i] = (float) random.nextGaussian();
            mean[i % 48] += tokens[i] / 5;
            mean[48 + i % 48] += tokens[i] / 5;
        }
        try (DeviceExecutor device = new DeviceExecutor(Device.cpu(), 0)) {
            float[] pooled = device.call(scope -> {
                try (Probe probe = Probe.load(scope, bare, Precision.FP32, state, "bare")) {
                    NDArray in = scope.create(tokens, new Shape(1, 5, 48));
                    return probe.read(scope, in).pooled().toFloatArray();
                }
            });
            assertThat(pooled).containsExactly(mean, within(1e-5f));
        }
    }

    @Test
    void severalLooks_averageTheirProbabilities() {
        float[] mean = LabelScores.mean(new float[][] {{0, 0}, {1000, 0}});
        assertThat(mean).containsExactly(0.75f, 0.25f);
        assertThat(LabelScores.best(mean, List.of("a", "b"), 5))
                .extracting(LabelScores.Score::label)
                .containsExactly("a", "b");
    }

    @Test
    void topLabels_areSortedAndSumToOne() {
        List<LabelScores.Score> top = LabelScores.top(new float[] {1000, 1002, 1000}, List.of("a", "b", "c"), 2);
        assertThat(top).extracting(LabelScores.Score::label).containsExactly("b", "a");
        float[] all = LabelScores.softmax(new float[] {-1e30f, 0, 0});
        assertThat(all).containsExactly(0f, 0.5f, 0.5f);
    }
}
