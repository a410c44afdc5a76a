package io.jepastream.trainer.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.jepastream.encoder.tensor.HostTensor;
import io.jepastream.probeheads.Probe;
import io.jepastream.probeheads.ProbeConfig;
import io.jepastream.probeheads.ProbeConfig.Kind;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ProbeWeightsTest {
    private static final String CROSS = "pooler.cross_attention_block.";
    private static final int D = 64;

    @Test
    void first_crossAttentionIsTheFirstBlock() {
        Map<String, HostTensor> state = draw(Kind.ATTENTIVE_V1, 3);

        deviation(state, CROSS + "xattn.kv.weight", 0.02);
        deviation(state, CROSS + "xattn.proj.weight", 0.02 / Math.sqrt(2));
        deviation(state, CROSS + "mlp.fc1.weight", 0.02);
        deviation(state, CROSS + "mlp.fc2.weight", 0.02 / Math.sqrt(2));
        deviation(state, "pooler.blocks.0.attn.proj.weight", 0.02 / Math.sqrt(4));
        deviation(state, "pooler.blocks.1.mlp.fc2.weight", 0.02 / Math.sqrt(6));
        deviation(state, "pooler.blocks.1.attn.qkv.weight", 0.02);
        classifier(state);
    }

    @Test
    void second_crossAttentionIsTheLastButOne() {
        Map<String, HostTensor> state = draw(Kind.ATTENTIVE_V2, 4);

        deviation(state, CROSS + "mlp.fc2.weight", 0.02 / Math.sqrt(6));
        deviation(state, "pooler.blocks.0.attn.proj.weight", 0.02 / Math.sqrt(2));
        deviation(state, "pooler.blocks.2.mlp.fc2.weight", 0.02 / Math.sqrt(6));
        classifier(state);
        deviation(draw(Kind.ATTENTIVE_V2, 1), CROSS + "mlp.fc2.weight", 0.02 / Math.sqrt(2));
    }

    @Test
    void normsAreOne_biasesNothing_theQueryIsDrawn() {
        Map<String, HostTensor> state = draw(Kind.ATTENTIVE_V2, 2);

        assertThat(find(state, CROSS + "norm1.weight")).containsOnly(1);
        assertThat(find(state, CROSS + "norm1.bias")).containsOnly(0);
        assertThat(find(state, "pooler.blocks.0.attn.qkv.bias")).containsOnly(0);
        assertThat(deviation(find(state, "pooler.query_tokens"))).isCloseTo(0.02, within(0.006));
    }

    @Test
    void sameSeed_sameWeights_exactlyTheHeadsTensors() {
        ProbeConfig config = new ProbeConfig(Kind.MEAN, D, 4, 4, 1, 7, 1e-5);
        Map<String, HostTensor> state = ProbeWeights.draw(config, 5);

        assertThat(state.keySet()).isEqualTo(Probe.shapes(config, 1).keySet());
        assertThat(find(state, "linear.weight")).isEqualTo(find(ProbeWeights.draw(config, 5), "linear.weight"));
        assertThat(find(state, "linear.weight")).isNotEqualTo(find(ProbeWeights.draw(config, 6), "linear.weight"));
    }

    private static Map<String, HostTensor> draw(Kind kind, int depth) {
        return ProbeWeights.draw(new ProbeConfig(kind, D, 4, 4, depth, 50, 1e-5), 3);
    }

    /** Uniform: within the bound, with the deviation of a uniform distribution. */
    private static void classifier(Map<String, HostTensor> state) {
        double bound = 1 / Math.sqrt(D);
        for (String name : new String[] {"linear.weight", "linear.bias"}) {
            for (float value : find(state, name)) {
                assertThat((double) value).isBetween(-bound, bound);
            }
        }
        assertThat(deviation(find(state, "linear.weight"))).isCloseTo(bound / Math.sqrt(3), within(0.05 * bound));
        assertThat(deviation(find(state, "linear.bias"))).isCloseTo(bound / Math.sqrt(3), within(0.2 * bound));
    }

    private static void deviation(Map<String, HostTensor> state, String name, double wanted) {
        assertThat(deviation(find(state, name))).as(name).isCloseTo(wanted, within(0.06 * wanted));
    }

    private static double deviation(float[] values) {
        double sum = 0;
        for (float value : values) {
            sum += (double) value * value;
        }
        return Math.sqrt(sum / values.length);
    }

    private static float[] find(Map<String, HostTensor> state, String name) {
        HostTensor tensor = state.get(name);
        assertThat(tensor).as(name).isNotNull();
        return tensor.floats();
    }
}
