package io.jepastream.trainer.pretrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import io.jepastream.encoder.tensor.DeviceExecutor;
import io.jepastream.encoder.tensor.HostTensor;
import io.jepastream.ingest.media.Picture;
import io.jepastream.ingest.media.VideoWriter;
import io.jepastream.trainer.data.Clips;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Runs on files: videos of two lengths, and pictures. */
@Timeout(60)
final class VideoBatchesTest {
    private static final String SECOND = """
            recipe: vjepa2
            seed: 1
            model: {embed_dim: 24, depth: 1, num_heads: 2, img_size: 32, patch_size: 8, num_frames: 8}
            predictor: {embed_dim: 24, depth: 1, num_heads: 2}
            data:
              batch_size: 3
              fps: 4
              sets:
                - {videos: [long], weight: 0.5}
                - {lists: [short.txt], frames: 4, weight: 0.4, frame_step: 1}
                - {pictures: [photos], weight: 0.1}
            optimization: {ipe: 10, epochs: 1, warmup: 0}
            run: {precision: fp32, checkpoint_every: 5, collapse_every: 3}
            """;
    private static final String DENSE = """
            recipe: vjepa2.1
            model: {embed_dim: 24, depth: 12, num_heads: 2, img_size: 64, patch_size: 16, num_frames: 4}
            predictor: {embed_dim: 24, depth: 4, num_heads: 2}
            data:
              batch_size: 2
              image_batch_size: 3
              fps: 4
              sets:
                - {videos: [long], weight: 0.75}
                - {pictures: [photos], weight: 0.25}
            optimization: {ipe: 10, epochs: 1, warmup: 0, lr: 1.0e-3}
            run: {precision: fp32, checkpoint_every: 5}
            """;

    @TempDir
    private static Path footage;

    private static DeviceExecutor device;

    @TempDir
    private Path directory;

    @BeforeAll
    static void start() throws IOException {
        device = new DeviceExecutor(Device.cpu(), 1);
        Random random = new Random(5);
        for (int i = 0; i < 3; i++) {
            video(footage.resolve("long/%d.mp4".formatted(i)), 30, random);
            video(footage.resolve("short/%d.mp4".formatted(i)), 6, random);
            BufferedImage image = new BufferedImage(48, 40, BufferedImage.TYPE_INT_RGB);
            for (int pixel = 0; pixel < 48 * 40; pixel++) {
                image.setRGB(pixel % 48, pixel / 48, random.nextInt(1 << 24));
            }
            Files.createDirectories(footage.resolve("photos"));
            ImageIO.write(
                    image, "png", footage.resolve("photos/%d.png".formatted(i)).toFile());
        }
        Files.writeString(footage.resolve("short.txt"), "short/0.mp4 0\nshort/1.mp4 0\nshort/2.mp4 1\n");
    }

    @AfterAll
    static void stop() {
        device.close();
    }

    private static void video(Path file, int frames, Random random) throws IOException {
        Files.createDirectories(file.getParent());
        VideoWriter.Settings settings = new VideoWriter.Settings("mpeg4", 8, 1_000_000, 12);
        try (VideoWriter writer = VideoWriter.open(file, settings, 64, 48)) {
            for (int i = 0; i < frames; i++) {
                byte[] planes = new byte[3 * 64 * 48];
                random.nextBytes(planes);
                writer.write(new Picture(64, 48, planes));
            }
            writer.finish();
        }
    }

    private static Recipe recipe(String text) throws IOException {
        return new Recipe(PretrainConfig.parse("test", text));
    }

    private static List<List<Clips>> batches(Recipe recipe, long first, int count) throws Exception {
        List<List<Clips>> all = new ArrayList<>();
        try (ClipBatches batches = VideoBatches.of(recipe, footage).open(first)) {
            for (int i = 0; i < count; i++) {
                all.add(batches.next());
            }
        }
        return all;
    }

    private TrainingState train(Recipe recipe, Path run, boolean resume, long until)
            throws IOException, InterruptedException {
        return train(recipe, List.of(device), run, resume, until);
    }

    private static TrainingState train(
            Recipe recipe, List<DeviceExecutor> devices, Path run, boolean resume, long until)
            throws IOException, InterruptedException {
        Files.createDirectories(run);
        try (Pretraining pretraining = new Pretraining(recipe, devices, run, resume)) {
            pretraining.run(VideoBatches.of(recipe, footage), until, progress -> {});
            return pretraining.state();
        }
    }

    /** Half of the steps, a restart, and the rest are the same as all in one. */
    private void requireResumable(Recipe recipe, List<DeviceExecutor> devices, long steps) throws Exception {
        TrainingState whole = train(recipe, devices, directory.resolve("whole"), false, steps);
        Path parts = directory.resolve("parts");
        train(recipe, devices, parts, false, steps / 2);
        TrainingState resumed = train(recipe, devices, parts, true, steps);
        requireSame(resumed.encoder(), whole.encoder());
        requireSame(resumed.predictor(), whole.predictor());
        requireSame(resumed.target(), whole.target());
        requireSame(resumed.optimiser(), whole.optimiser());
    }

    private static void requireSame(Map<String, HostTensor> got, Map<String, HostTensor> wanted) {
        assertThat(got.keySet()).isEqualTo(wanted.keySet());
        wanted.forEach(
                (name, tensor) -> assertThat(got.get(name).floats()).as(name).isEqualTo(tensor.floats()));
    }

    @Test
    void twoLengths_fiveStepsAndFiveAfterARestart_areTen_toTheLastBit() throws Exception {
        Recipe recipe = recipe(SECOND);
        List<List<Integer>> lengths = new ArrayList<>();
        for (List<Clips> batch : batches(recipe, 0, 10)) {
            assertThat(batch.stream().mapToInt(Clips::count).sum()).isEqualTo(3);
            batch.forEach(clips -> assertThat(clips.pixels()).hasSize(clips.count() * 3 * clips.frames() * 32 * 32));
            lengths.add(batch.stream().map(Clips::frames).toList());
        }
        // With this seed all there is to draw: both lengths, and each alone.
        assertThat(lengths).contains(List.of(8, 4), List.of(8), List.of(4));
        requireResumable(recipe, List.of(device), 10);
    }

    @Test
    void twoLengthsOnTwoDevices_twoStepsAndTwoAfterARestart_areFour_toTheLastBit() throws Exception {
        Recipe recipe = recipe(SECOND.replace("run: {", "run: {devices: [cpu, cpu], "));
        // Two batches a step, one for each device; both lengths come before and after the restart.
        for (long first : List.of(0L, 4L)) {
            assertThat(batches(recipe, first, 4))
                    .flatExtracting(batch -> batch.stream().map(Clips::frames).toList())
                    .contains(8, 4);
        }
        try (DeviceExecutor second = new DeviceExecutor(Device.cpu(), 1)) {
            requireResumable(recipe, List.of(device, second), 4);
        }
    }

    @Test
    void imagesBesideVideos_fiveStepsAndFiveAfterARestart_areTen_toTheLastBit() throws Exception {
        Recipe recipe = recipe(DENSE);
        for (List<Clips> batch : batches(recipe, 0, 3)) {
            assertThat(batch).extracting(Clips::frames).containsExactly(4, 1);
            assertThat(batch).extracting(Clips::count).containsExactly(2, 3);
        }
        requireResumable(recipe, List.of(device), 10);
    }

    @Test
    void imagesTrainThePartsThatAreTheirs() throws Exception {
        TrainingState drawn = recipe(DENSE).draw();
        TrainingState both = train(recipe(DENSE), directory.resolve("both"), false, 2);
        String videos = DENSE.replace("    - {pictures: [photos], weight: 0.25}\n", "");
        TrainingState without = train(recipe(videos), directory.resolve("videos"), false, 2);
        String pictures = DENSE.replace("    - {videos: [long], weight: 0.75}\n", "");
        TrainingState alone = train(recipe(pictures), directory.resolve("pictures"), false, 2);
        String image = "patch_embed_img.proj.weight";
        String video = "patch_embed.proj.weight";
        float[] firstImage = drawn.encoder().get(image).floats();
        float[] firstVideo = drawn.encoder().get(video).floats();
        assertThat(both.encoder().get(image).floats()).isNotEqualTo(firstImage);
        assertThat(both.encoder().get(video).floats()).isNotEqualTo(firstVideo);
        assertThat(without.encoder().get(image).floats()).isEqualTo(firstImage);
        assertThat(alone.encoder().get(video).floats()).isEqualTo(firstVideo);
        assertThat(alone.predictor().get("img_mod_embed").floats())
                .isNotEqualTo(drawn.predictor().get("img_mod_embed").floats());
    }

    @Test
    void plainPictures_areRepeatedBeforeTheThirdGeneration() throws Exception {
        String plain = SECOND.replaceAll("(?s)  sets:.*optimization", "  pictures: [photos]\noptimization");
        Clips clips = batches(recipe(plain), 0, 1).get(0).get(0);
        assertThat(clips.frames()).isEqualTo(8);
        for (int i = 0; i < 32 * 32; i++) {
            assertThat(clips.pixels()[i + 5 * 32 * 32]).isEqualTo(clips.pixels()[i]);
        }
    }

    @Test
    void whatIsNotThere_isToldBeforeARun() throws Exception {
        assertThatThrownBy(() -> VideoBatches.of(recipe(SECOND.replace("[photos]", "[gone]")), footage))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessageContaining("pictures: want a file or a folder, got nothing at");
    }
}
