package io.jepastream.probeheads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.jepastream.encoder.ClipResult;
import io.jepastream.encoder.stream.EncodedClip;
import io.jepastream.encoder.stream.ModelIdentity;
import io.jepastream.probeheads.wire.ActionLabels;
import io.jepastream.probeheads.wire.Label;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LabellerTest {
    private static final Labeller LABELLER = new Labeller("head", "head-digest", List.of("a", "b", "c"), 2);

    @Test
    void mostProbableLabels_comeFirst_andNoMoreThanAsked() {
        ActionLabels labels = LABELLER.label(clip(Map.of("head", new float[] {1, 3, 2})));

        assertThat(labels.getLabels()).extracting(Label::getLabel).containsExactly("b", "c");
        assertThat(labels.getLabels().get(0).getProbability()).isCloseTo(0.66524f, within(1e-5f));
        assertThat(labels.getHeadDigest()).isEqualTo("head-digest");
        assertThat(labels.getModelDigest()).isEqualTo("model-digest");
        assertThat(labels.getStart()).isEqualTo(3);
    }

    @Test
    void logitsOfAnotherHead_areRefused() {
        assertThatThrownBy(() -> LABELLER.label(clip(Map.of("head", new float[] {1}))))
                .hasMessageContaining("head head: want 3 logits, got 1");
        assertThatThrownBy(() -> LABELLER.label(clip(Map.of()))).hasMessageContaining("want 3 logits, got none");
    }

    private static EncodedClip clip(Map<String, float[]> logits) {
        return new EncodedClip(
                "cam",
                3,
                6,
                List.of(),
                new ClipResult(new float[] {1}, 1, 1, logits),
                new ModelIdentity("model", "model-digest", "p", "fp32", "mean"));
    }
}
