package io.jepastream.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The benchmarks of ingest and stream at tiny sizes: every figure is there; how large it is depends on the machine. */
class BenchStreamIT {
    @TempDir
    Path directory;

    @Test
    void ingest_measuresEachStep_besideDecoding() throws Exception {
        Path json = directory.resolve("ingest.json");
        Cli.Result result = Cli.run(("bench ingest --no-ffmpeg --size 160x120 --seconds 2 --passes 1 --repeat 2"
                        + " --short-side 64 --json " + json)
                .split(" "));

        assertThat(result.code()).as(result.err()).isZero();
        assertThat(result.out()).contains("There is no comparison with ffmpeg");
        Map<String, JsonNode> figures = figures(json, result.out(), 2);
        assertThat(figures.keySet())
                .anySatisfy(what -> assertThat(what).startsWith("ingest 10.7 frames/s, short side 64, JPEG 95"))
                .contains("decode only", "scale, each frame kept", "JPEG, each frame kept");
    }

    @Test
    void stream_measuresEveryPart() throws Exception {
        Path json = directory.resolve("stream.json");
        Cli.Result result = Cli.run(("bench stream --cameras 2 --side 32 --seconds 40 --partitions 2 --batch 1"
                        + " --model-ms 1 --fps 60 --clip-length 480ms --live 4s --repeat 1 --json " + json)
                .split(" "));

        assertThat(result.code()).as(result.err()).isZero();
        Map<String, JsonNode> figures = figures(json, result.out(), 1);
        assertThat(figures.keySet())
                .contains("raw produce to frames", "raw consume of frames", "model busy while clips wait")
                .contains("assemble, exactly once, threads 1, partitions 2, cameras 2")
                .contains("latency, sending of the frame that closes a clip to its embedding, p99");
        JsonNode busy = figures.get("model busy while clips wait").at("/value/median");
        assertThat(busy.asDouble()).isLessThanOrEqualTo(1);
    }

    /** Every figure of the file, positive, and as the screen shows it. */
    private static Map<String, JsonNode> figures(Path json, String out, int repeat) throws Exception {
        Map<String, JsonNode> all = new TreeMap<>();
        JsonNode root = new ObjectMapper().readTree(json.toFile());
        for (JsonNode figure : root.get("figures")) {
            String what = figure.get("what").asText();
            all.put(what, figure);
            assertThat(out).contains(what + ": ");
            for (String group : List.of("value", "ceiling", "ratio")) {
                JsonNode values = figure.at("/" + group + "/repetitions");
                assertThat(values.isMissingNode() ? repeat : values.size()).isEqualTo(repeat);
                values.forEach(value -> assertThat(value.asDouble()).as(what).isPositive());
            }
        }
        return all;
    }
}
