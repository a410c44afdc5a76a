package io.jepastream.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.jepastream.app.kafka.EmbeddedKafka;
import io.jepastream.app.kafka.Site;
import io.jepastream.app.kafka.TopicReader;
import io.jepastream.encoder.wire.Embedding;
import io.jepastream.ingest.wire.Topics;
import io.jepastream.ingest.wire.Wire;
import io.jepastream.probeheads.wire.ActionLabels;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code jepa run} over finite sources, and {@code jepa extract} over the same: the same numbers, bit for bit. */
class RunIT {
    private static final List<String> SOURCES = List.of(
            "--camera", "steady=lavfi:testsrc2=size=320x240:rate=25:duration=7",
            "--camera", "slow=lavfi:testsrc2=size=240x320:rate=6:duration=6.5",
            "--camera", "short=lavfi:mandelbrot=size=64x64:rate=30,trim=duration=1");

    @TempDir
    Path directory;

    @Test
    void streamAndExtract_giveTheSameNumbers() throws Exception {
        Path model = TinyBundle.write(directory.resolve("model"));
        Path data = directory.resolve("data");
        Cli.Result run = Cli.run(with("run", SOURCES, "--model", model, "--data-dir", data));

        assertThat(run.out()).as(run.err()).containsPattern("steady +75 +2 +1 +0");
        assertThat(run.out()).containsPattern("slow +39 +2 +1 +0");
        assertThat(run.out()).containsPattern("short +11 +0 +1 +0");
        assertThat(run.code()).isZero();

        Path lines = directory.resolve("out.jsonl");
        Cli.Result extract = Cli.run(with("extract", SOURCES, "--model", model, "--out", lines));
        assertThat(extract.code()).as(extract.err()).isZero();

        Map<String, String> streamed = streamed(data);
        assertThat(streamed).hasSize(2 * 4);
        assertThat(extracted(lines)).isEqualTo(streamed);
    }

    @Test
    void fileThatIsNone_failsTheRun_andTheOthersAreDone() throws Exception {
        Path model = TinyBundle.write(directory.resolve("model"));
        Path bad = Files.writeString(directory.resolve("bad.mp4"), "this is no video");
        Cli.Result run = Cli.run(with("run", SOURCES, "--model", model, "--video", bad));

        assertThat(run.code()).as(run.err()).isEqualTo(1);
        assertThat(run.out()).containsPattern("bad +0 +0 +0 +0 +failed: ").containsPattern("steady +75 +2 +1 +0");
    }

    /** Vector and labels of every clip in the topics of a data folder, as text. */
    private static Map<String, String> streamed(Path data) throws Exception {
        Wire<Embedding> embeddings = Wire.of(Embedding.getClassSchema(), new Embedding().getSpecificData());
        Wire<ActionLabels> labels = Wire.of(ActionLabels.getClassSchema(), new ActionLabels().getSpecificData());
        Map<String, String> all = new TreeMap<>();
        try (EmbeddedKafka kafka = EmbeddedKafka.start(data.resolve("kafka"));
                TopicReader reader = TopicReader.open(
                        new Site(kafka.bootstrapServers(), "reader", Map.of()),
                        List.of(Topics.EMBEDDINGS, Topics.ACTION_LABELS),
                        true)) {
            while (reader.recordsLeft() > 0) {
                for (ConsumerRecord<byte[], byte[]> record : reader.poll()) {
                    String name = new String(record.key(), UTF_8) + " "
                            + new String(
                                    record.headers()
                                            .lastHeader(Topics.HEADER_CLIP_START)
                                            .value(),
                                    UTF_8);
                    if (record.topic().equals(Topics.EMBEDDINGS)) {
                        ByteBuffer vector = embeddings.read(record.value()).getVector();
                        all.put(name + " vector", HexFormat.of().formatHex(Wire.bytes(vector)));
                    } else {
                        String text = labels.read(record.value()).getLabels().stream()
                                .map(label -> label.getLabel() + "=" + label.getProbability())
                                .collect(Collectors.joining(","));
                        all.put(name + " labels", text);
                    }
                }
            }
        }
        return all;
    }

    private static Map<String, String> extracted(Path lines) throws IOException {
        byte[] npy = Files.readAllBytes(lines.resolveSibling("out.npy"));
        int dim = 24 * Float.BYTES;
        Map<String, String> all = new TreeMap<>();
        for (String text : Files.readAllLines(lines)) {
            JsonNode line = new ObjectMapper().readTree(text);
            if (line.has("gap")) {
                continue;
            }
            int at = 128 + line.get("vector").asInt() * dim;
            long start = java.time.Instant.parse(line.get("start").asText()).getEpochSecond() * 1_000_000;
            JsonNode mood = line.get("labels").get("mood");
            String labels = IntStream.range(0, mood.size())
                    .mapToObj(i -> mood.get(i).get("label").asText() + "="
                            + mood.get(i).get("probability").floatValue())
                    .collect(Collectors.joining(","));
            String name = line.get("camera").asText() + " " + start;
            all.put(name + " vector", HexFormat.of().formatHex(Arrays.copyOfRange(npy, at, at + dim)));
            all.put(name + " labels", labels);
        }
        return all;
    }

    private static String[] with(String command, List<String> sources, Object... more) {
        return java.util.stream.Stream.of(List.of(command), sources, List.of(more))
                .flatMap(List::stream)
                .map(Object::toString)
                .toArray(String[]::new);
    }
}
