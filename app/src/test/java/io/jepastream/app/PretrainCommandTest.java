package io.jepastream.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.jepastream.encoder.EncoderConfig;
import io.jepastream.encoder.ModelBundle;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code jepa pretrain} as a user runs it: start, stop, go on, use the model. */
class PretrainCommandTest {
    private static final String CONFIG = """
            recipe: vjepa2
            seed: %d
            model: {embed_dim: 24, depth: 1, num_heads: 2, img_size: 32, patch_size: 8, num_frames: 4}
            predictor: {embed_dim: 24, depth: 1, num_heads: 2}
            data: {videos: [footage], batch_size: 2, threads: 1}
            optimization: {ipe: 4, epochs: 1, warmup: 0}
            run: {precision: fp32, device: cpu, checkpoint_every: 2}
            """;

    @TempDir
    Path directory;

    private Path config;

    @BeforeEach
    void makeFootage() throws IOException {
        Random random = new Random(3);
        for (int i = 0; i < 4; i++) {
            BufferedImage image = new BufferedImage(48, 40, BufferedImage.TYPE_INT_RGB);
            for (int pixel = 0; pixel < 48 * 40; pixel++) {
                image.setRGB(pixel % 48, pixel / 48, random.nextInt(1 << 24));
            }
            Path file = directory.resolve("footage/%d.mp4".formatted(i));
            Files.createDirectories(file.getParent());
            ImageIO.write(image, "png", file.toFile()); // libav takes it for a video of one frame
        }
        config = Files.writeString(directory.resolve("run.yaml"), CONFIG.formatted(1));
    }

    private Cli.Result pretrain(Path file, String out, String... more) {
        String[] args = new String[4 + more.length];
        args[0] = "pretrain";
        args[1] = file.toString();
        args[2] = "--out";
        args[3] = directory.resolve(out).toString();
        System.arraycopy(more, 0, args, 4, more.length);
        return Cli.run(args);
    }

    @Test
    void runThatWasStopped_endsWithTheSameModel() throws IOException {
        assertThat(pretrain(config, "whole").code()).isZero();
        Cli.Result part = pretrain(config, "parts", "--stop-after", "2");
        assertThat(part.code()).as(part.err()).isZero();
        assertThat(part.out()).contains("2 steps: ");
        Cli.Result rest = pretrain(config, "parts", "--resume");
        assertThat(rest.code()).as(rest.err()).isZero();
        assertThat(rest.out()).contains("4 steps: ");
        assertThat(Files.readAllBytes(directory.resolve("parts/model/model.safetensors")))
                .isEqualTo(Files.readAllBytes(directory.resolve("whole/model/model.safetensors")));
        ModelBundle bundle = ModelBundle.read(directory.resolve("whole/model"));
        EncoderConfig encoder = bundle.encoder();
        assertThat(encoder.embedDim()).isEqualTo(24);
        assertThat(bundle.predictor()).isPresent();
        assertThat(bundle.provenance().path("steps").asText()).isEqualTo("4");
        assertThat(bundle.provenance().path("clips").asText()).isEqualTo("8");
        assertThat(directory.resolve("whole/loss.png")).isNotEmptyFile();
    }

    @Test
    void runThatBeginsFromAnother_saysSo() throws IOException {
        assertThat(pretrain(config, "first").code()).isZero();
        Path cool = Files.writeString(
                directory.resolve("cool.yaml"),
                CONFIG.formatted(1)
                        .replace("img_size: 32", "img_size: 48")
                        .replace("warmup: 0", "anneal: true, lr: 1.0e-3, final_lr: 1.0e-6"));
        String first = directory.resolve("first").toString();
        Cli.Result result = pretrain(cool, "cool", "--from", first);
        assertThat(result.code()).as(result.err()).isZero();
        assertThat(ModelBundle.read(directory.resolve("cool/model"))
                        .provenance()
                        .path("from")
                        .asText())
                .isEqualTo("first/checkpoints/step-4.safetensors");
        assertThat(directory.resolve("cool/config.yaml")).content().contains("step-4.safetensors");
        Path wide = Files.writeString(
                directory.resolve("wide.yaml"),
                CONFIG.formatted(1).replace("{embed_dim: 24, depth: 1", "{embed_dim: 48, depth: 1"));
        Cli.Result refused = pretrain(wide, "wide", "--from", first);
        assertThat(refused.code()).isEqualTo(2);
        assertThat(refused.err()).contains("want shape (48").contains("got (24");
        assertThat(directory.resolve("wide")).doesNotExist();
        Path changed = Files.writeString(
                directory.resolve("changed.yaml"), CONFIG.formatted(1) + "init: {motion_filters: true}\n");
        Cli.Result both = pretrain(changed, "both", "--from", first);
        assertThat(both.code()).isEqualTo(2);
        assertThat(both.err()).contains("init: want none").contains("got motion filters");
        assertThat(directory.resolve("both")).doesNotExist();
    }

    @Test
    void folderWithAnotherRun_isLeftAlone() throws IOException {
        assertThat(pretrain(config, "run", "--stop-after", "1").code()).isZero();
        Cli.Result again = pretrain(config, "run");
        assertThat(again.code()).isEqualTo(1);
        assertThat(again.err()).contains("want a new folder, or --resume, got one with a run in it");
        Path other = Files.writeString(directory.resolve("other.yaml"), CONFIG.formatted(2));
        Cli.Result changed = pretrain(other, "run", "--resume");
        assertThat(changed.code()).isEqualTo(1);
        assertThat(changed.err())
                .contains("want the configuration that the run began with")
                .contains("[seed]");
    }

    @Test
    void whatIsWrongWithARun_isSaidBeforeItBegins() throws IOException {
        Path none = Files.writeString(
                directory.resolve("none.yaml"), CONFIG.formatted(1).replace("footage", "gone"));
        Cli.Result result = pretrain(none, "never");
        assertThat(result.code()).isEqualTo(1);
        assertThat(result.err()).contains("got nothing at").contains("gone");
        assertThat(directory.resolve("never")).doesNotExist();
        Path odd = Files.writeString(directory.resolve("odd.yaml"), "recipe: vjepa2\nmodle: {}\n");
        assertThat(pretrain(odd, "never").err()).contains("odd.yaml").contains("modle");
    }
}
