package io.jepastream.probeheads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import io.jepastream.encoder.tensor.HostTensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
    private Path directory;

    private ModelBundle bundle;

    @BeforeEach
    void writeBundle() throws IOException {
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
    void topLabels_areSortedAndSumToOne() {
        List<LabelScores.Score> top = LabelScores.top(new float[] {1000, 1002, 1000}, List.of("a", "b", "c"), 2);
        assertThat(top).extracting(LabelScores.Score::label).containsExactly("b", "a");
        float[] all = LabelScores.softmax(new float[] {-1e30f, 0, 0});
        assertThat(all).containsExactly(0f, 0.5f, 0.5f);
    }
}
