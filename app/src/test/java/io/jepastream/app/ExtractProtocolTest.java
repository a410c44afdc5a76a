package io.jepastream.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code jepa extract} over whole videos by class. */
class ExtractProtocolTest {
    @TempDir
    Path directory;

    @Test
    void foldersAreClasses_andWhatCannotBeReadIsNamed() throws Exception {
        Path model = TinyBundle.write(directory.resolve("model"));
        String truth = TinyBundle.LABELS.get(0);
        still(truth + "/red.mp4", Color.RED);
        still("nobody/blue.mp4", Color.BLUE);
        Files.writeString(directory.resolve("set/nobody/bad.mp4"), "this is no video");
        Path out = directory.resolve("out.jsonl");

        Cli.Result result = Cli.run(
                "extract",
                directory.resolve("set").toString(),
                "--model",
                model.toString(),
                "--views",
                "3",
                "--segments",
                "2",
                "--out",
                out.toString());

        assertThat(result.code()).as(result.err()).isEqualTo(1);
        assertThat(result.err()).contains("bad.mp4");
        assertThat(result.out())
                .contains("3 videos by 16x2x3, 1 could not be read")
                .containsPattern("mood: top-1 .* of 1 videos; not classes of this head: \\[nobody\\]");
        List<String> lines = Files.readAllLines(out);
        assertThat(lines).hasSize(3);
        for (String text : lines) {
            JsonNode line = new ObjectMapper().readTree(text);
            double sum = 0;
            for (JsonNode label : line.path("labels").path("mood")) {
                sum += label.path("probability").asDouble();
            }
            assertThat(line.has("failed") ? 1 : sum).as(text).isBetween(0.999, 1.001);
        }
    }

    /** One picture, which libav takes for a video of one frame. */
    private void still(String name, Color color) throws IOException {
        BufferedImage image = new BufferedImage(96, 64, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setColor(color);
        graphics.fillRect(0, 0, 96, 64);
        graphics.dispose();
        Path file = directory.resolve("set").resolve(name);
        Files.createDirectories(file.getParent());
        ImageIO.write(image, "png", file.toFile());
    }
}
