package io.jepastream.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.jepastream.encoder.ModelBundle;
import io.jepastream.probeheads.Heads;
import io.jepastream.probeheads.ProbeHead;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code jepa probe}: from videos to a head in the bundle that the other commands use. */
class ProbeCommandsTest {
    @TempDir
    Path directory;

    private Path model;

    @BeforeEach
    void write() throws IOException {
        model = TinyBundle.write(directory.resolve("model"));
        WarmAndCold.write(directory.resolve("data"));
    }

    @Test
    void aTrainedHead_isInTheBundle_andIsUsedAndScored() throws IOException {
        Files.writeString(directory.resolve("data/warm/bad.mp4"), "this is no video");
        Path log = directory.resolve("log");
        Cli.Result trained =
                train(12, "--head", "heat", "--kind", "linear", "--lr", "1e-5,5e-2", "--log", log.toString());

        assertThat(trained.code()).as(trained.err()).isZero();
        assertThat(trained.out())
                .contains("2 classes, ")
                .contains("1 could not be read")
                .contains("[1.0E-5/0.01, 0.05/0.01]")
                .contains("head heat: learning rate 0.05")
                .contains("held out top-1 1.0000");
        assertThat(trained.err()).contains("bad.mp4");
        assertThat(log.resolve("metrics.csv")).isNotEmptyFile();
        assertThat(Files.readAllLines(log.resolve("metrics.csv"))).hasSize(1 + 2 * 12);
        assertThat(ImageIO.read(log.resolve("accuracy.png").toFile())).isNotNull();
        assertThat(ImageIO.read(log.resolve("loss.png").toFile())).isNotNull();

        ProbeHead head = Heads.open(ModelBundle.read(model), List.of("heat")).get(0);
        assertThat(head.labels()).containsExactly("cold", "warm");
        JsonNode provenance = new ObjectMapper()
                .readTree(model.resolve("heads/heat/config.json").toFile())
                .path("provenance");
        assertThat(provenance.path("held_out").asText()).contains("top-1 1.0000");
        assertThat(provenance.path("command").asText()).startsWith("jepa probe train --model");

        Path out = directory.resolve("out.jsonl");
        Cli.Result extracted = Cli.run(
                "extract", path("data/cold/1.mp4"), "--model", path("model"), "--views", "1", "--out", out.toString());
        assertThat(extracted.code()).as(extracted.err()).isZero();
        JsonNode labels = new ObjectMapper().readTree(Files.readString(out)).path("labels");
        assertThat(labels.path("heat").path(0).path("label").asText()).isEqualTo("cold");
        assertThat(labels.has("mood")).isTrue();

        Path list = directory.resolve("few.txt");
        Files.writeString(list, "data/cold/1.mp4 0\ndata/warm/1.mp4 warm\ndata/warm/2.mp4 elsewhere\n");
        Cli.Result listed = Cli.run(
                "probe",
                "evaluate",
                "--model",
                path("model"),
                "--head",
                "heat",
                "--list",
                list.toString(),
                "--views",
                "2");
        assertThat(listed.code()).as(listed.err()).isZero();
        assertThat(listed.out())
                .contains("3 videos by 16x1x2, 0 could not be read")
                .contains("of 2 videos; not classes of this head: [elsewhere]");

        Cli.Result scored = Cli.run(
                "probe",
                "evaluate",
                "--model",
                path("model"),
                "--head",
                "heat",
                "--data",
                path("data"),
                "--out",
                path("report"));
        assertThat(scored.code()).as(scored.err()).isEqualTo(1);
        assertThat(scored.err()).contains("bad.mp4");
        assertThat(scored.out())
                .containsPattern("cold +5 +100.0 +100.0")
                .contains("11 videos by 16x1x1, 1 could not be read")
                .contains("heat: top-1 100.0 %, top-5 100.0 % of 10 videos");
        assertThat(directory.resolve("report/confusion.csv")).hasContent("true class,cold,warm\ncold,5,0\nwarm,0,5");
        assertThat(ImageIO.read(directory.resolve("report/confusion.png").toFile()))
                .isNotNull();
    }

    @Test
    void aHeadThatIsThere_staysUnlessToldOtherwise() throws IOException {
        byte[] before = Files.readAllBytes(model.resolve("heads/mood/head.safetensors"));

        Cli.Result refused = train(1, "--head", "mood");
        assertThat(refused.code()).isEqualTo(2);
        assertThat(refused.err()).contains("--replace").contains("mood");
        assertThat(model.resolve("heads/mood/head.safetensors")).hasBinaryContent(before);

        Cli.Result replaced = train(
                1, "--head", "mood", "--replace", "--segments", "2", "--views", "2", "--depth", "2", "--lr", "1e-3");
        assertThat(replaced.code()).as(replaced.err()).isZero();
        ProbeHead head = Heads.open(ModelBundle.read(model), List.of("mood")).get(0);
        assertThat(head.config().kind().id()).isEqualTo("attentive-v2");
        assertThat(head.config().depth()).isEqualTo(2);
    }

    @Test
    void fewLabels_giveFigures_andAHeadOnlyOfAll() throws IOException {
        Path cache = directory.resolve("cache");
        String[] common = {"--head", "few", "--kind", "linear", "--repeats", "2", "--cache", cache.toString()};

        Cli.Result few = train(3, Cli.join(common, "--label-fraction", "0.25,0.5"));
        assertThat(few.code()).as(few.err()).isZero();
        assertThat(few.out())
                .containsPattern(" 25.0 % of the labels, 2 videos: top-1 .* \\+- .* of 2 runs")
                .contains("50.0 % of the labels, 4 videos");
        assertThat(model.resolve("heads/few")).doesNotExist();

        Cli.Result all = train(3, Cli.join(common, "--label-fraction", "0.5,1"));
        assertThat(all.out()).contains("the encoder saw 0 in").contains("100.0 % of the labels, 8 videos");
        assertThat(model.resolve("heads/few/config.json")).exists();
    }

    @Test
    void whatCannotBe_isSaidByName() throws IOException {
        Path lonely = directory.resolve("held-out/hot");
        Files.createDirectories(lonely);
        Files.copy(directory.resolve("data/warm/0.mp4"), lonely.resolve("0.mp4"));
        String heldOut = path("held-out");

        assertThat(train(1, "--head", "h", "--val", heldOut).err()).contains("want a label of [cold, warm], got 'hot'");
        assertThat(train(1, "--head", "h", "--class-weights", "some").err()).contains("got 'some'");
        assertThat(train(1, "--head", "h", "--val-share", "1").err()).contains("val-share");
        assertThat(train(1, "--head", "h", "--cache-limit", "0.000001").err()).contains("--cache-limit");
        assertThat(train(1, "--head", "h/h").err()).contains("got 'h/h'");
        assertThat(train(1, "--head", "h", "--out-layers", "3").code()).isEqualTo(2);
    }

    private Cli.Result train(int epochs, String... more) {
        return Cli.run(Cli.join(
                new String[] {
                    "probe",
                    "train",
                    "--model",
                    path("model"),
                    "--data",
                    path("data"),
                    "--batch",
                    "4",
                    "--epochs",
                    "" + epochs
                },
                more));
    }

    private String path(String name) {
        return directory.resolve(name).toString();
    }
}
