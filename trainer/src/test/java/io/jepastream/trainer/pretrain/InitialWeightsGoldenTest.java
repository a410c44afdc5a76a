package io.jepastream.trainer.pretrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.jepastream.encoder.ModelBundle;
import io.jepastream.encoder.golden.Fixtures;
import io.jepastream.encoder.golden.GoldenCase;
import io.jepastream.encoder.tensor.HostTensor;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** First weights are distributed as the reference's, tensor by tensor; tables, norms and biases are the same. */
@Tag("golden")
final class InitialWeightsGoldenTest {
    static Stream<GoldenCase> cases() throws IOException {
        return Fixtures.cases().stream().filter(c -> c.id().endsWith("_init_statistics"));
    }

    @ParameterizedTest(name = "{0}", allowZeroInvocations = true)
    @MethodSource("cases")
    void everyTensor_hasTheReferencesStatistics(GoldenCase golden) throws IOException {
        ModelBundle.Architecture architecture = GoldenModel.architecture(golden);
        TrainingState drawn = InitialWeights.draw(
                architecture.encoder(), architecture.predictor().orElseThrow(), 7);
        String file = golden.node().path("files").path(0).path("file").asText();
        JsonNode init = new ObjectMapper()
                .readTree(golden.directory().resolve(file).toFile())
                .path("init");
        compare(init.path("encoder"), drawn.encoder());
        compare(init.path("predictor"), drawn.predictor());
    }

    private static void compare(JsonNode wanted, Map<String, HostTensor> drawn) {
        assertThat(drawn).hasSize(wanted.size());
        for (Map.Entry<String, JsonNode> entry : wanted.properties()) {
            HostTensor tensor = drawn.get(entry.getKey());
            assertThat(tensor).as(entry.getKey()).isNotNull();
            float[] values = tensor.floats();
            double mean = 0;
            for (float value : values) {
                mean += value / values.length;
            }
            double squares = 0;
            for (float value : values) {
                squares += (value - mean) * (value - mean) / values.length;
            }
            double deviation = Math.sqrt(squares);
            double theirs = entry.getValue().path("std_population").asDouble();
            boolean random = !entry.getKey().contains("pos_embed") && theirs > 0;
            // Both sides are samples: five standard errors of each.
            double ofMean = random ? 7 * theirs / Math.sqrt(values.length) : 1e-6;
            double ofDeviation = random ? 5 * theirs / Math.sqrt(values.length) : 1e-6;
            assertThat(mean)
                    .as("mean of %s", entry.getKey())
                    .isCloseTo(entry.getValue().path("mean").asDouble(), within(ofMean));
            assertThat(deviation).as("deviation of %s", entry.getKey()).isCloseTo(theirs, within(ofDeviation));
            assertThat(Arrays.toString(tensor.shape()))
                    .isEqualTo(entry.getValue().path("shape").toString().replace(",", ", "));
        }
    }
}
