package io.jepastream.trainer.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.jepastream.encoder.golden.Fixtures;
import io.jepastream.encoder.golden.GoldenCase;
import java.io.IOException;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("golden")
final class ScheduleGoldenTest {
    static Stream<GoldenCase> cases() throws IOException {
        return Fixtures.cases().stream().filter(c -> c.id().endsWith("_schedules"));
    }

    @ParameterizedTest(name = "{0}", allowZeroInvocations = true)
    @MethodSource("cases")
    void everyListedStep_hasTheReferencesValue(GoldenCase golden) throws IOException {
        String file = golden.node().path("files").path(0).path("file").asText();
        JsonNode runs = new ObjectMapper()
                .readTree(golden.directory().resolve(file).toFile())
                .path("runs");
        assertThat(runs).isNotEmpty();
        for (JsonNode run : runs) {
            JsonNode c = run.path("config");
            int ipe = c.path("ipe").asInt();
            double span = c.path("ipe_scale").asDouble() * c.path("epochs").asInt() * ipe;
            long total = (long) span;
            compare(run, "lr", rate(run.path("kind").asText("warmup_cosine"), c, ipe, total));
            if (run.has("weight_decay")) {
                double end = c.path("final_weight_decay").asDouble();
                compare(
                        run,
                        "weight_decay",
                        Schedule.cosine(c.path("weight_decay").asDouble(), end, total));
            }
            if (run.has("momentum")) {
                JsonNode ema = c.path("ema");
                double end = ema.path(1).asDouble();
                compare(run, "momentum", Schedule.momentum(ema.path(0).asDouble(), end, span));
            }
        }
    }

    private static Schedule rate(String kind, JsonNode c, int ipe, long total) {
        double start = c.path("start_lr").asDouble();
        double peak = c.path("lr").asDouble();
        double end = c.path("final_lr").asDouble();
        long warmup = (long) (c.path("warmup").asDouble() * ipe);
        return switch (kind) {
            case "warmup_cosine" -> Schedule.warmupCosine(start, peak, end, warmup, total);
            case "linear_decay" -> Schedule.linear(peak, end, total);
            case "warmup_stable_decay" -> {
                long anneal = (long) (c.path("anneal").asDouble() * ipe);
                yield Schedule.warmupStableDecay(start, peak, end, warmup, anneal, total);
            }
            default -> throw new AssertionError("schedule kind %s is covered by no test".formatted(kind));
        };
    }

    private static void compare(JsonNode run, String what, Schedule schedule) {
        JsonNode steps = run.path("step");
        for (int i = 0; i < steps.size(); i++) {
            double wanted = run.path(what).path(i).asDouble();
            assertThat(schedule.at(steps.path(i).asLong()))
                    .as("%s at step %s", what, steps.path(i))
                    .isCloseTo(wanted, within(1e-12 * Math.abs(wanted)));
        }
    }

    @Test
    void plateau_liesBetweenWarmUpAndDecay() {
        Schedule schedule = Schedule.warmupStableDecay(0, 1, 0.5, 10, 20, 100);
        Map<Long, Double> wanted = Map.of(1L, 0.1, 10L, 1., 79L, 1., 80L, 1., 90L, 0.75, 100L, 0.5);
        wanted.forEach((step, value) -> assertThat(schedule.at(step)).isCloseTo(value, within(1e-12)));
    }
}
