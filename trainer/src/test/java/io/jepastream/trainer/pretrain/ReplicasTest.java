package io.jepastream.trainer.pretrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import io.jepastream.encoder.tensor.DeviceExecutor;
import io.jepastream.encoder.tensor.HostTensor;
import io.jepastream.trainer.data.Clips;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Several devices, here the CPU over and over, against one that does the same one after the other. */
@Timeout(60)
final class ReplicasTest {
    private static final String TINY = """
            recipe: vjepa2
            model: {embed_dim: 24, depth: 2, num_heads: 2, img_size: 32, patch_size: 8, num_frames: 4}
            predictor: {embed_dim: 24, depth: 2, num_heads: 2}
            data: {batch_size: 2, accumulate: %d}
            mask:
              - {num_blocks: 2, spatial_scale: [0.3, 0.3]}
              - {num_blocks: 1, spatial_scale: [0.5, 0.5]}
            optimization: {ipe: 5, epochs: 2, warmup: 0.4, lr: 2.0e-3, clip_grad: 1.0, ema: [0.9, 1.0]}
            run: {precision: fp32, devices: %s, checkpoint_every: 5, collapse_every: 3}
            """;
    private static final int BYTES = 2 * 3 * 4 * 32 * 32;

    private final List<DeviceExecutor> devices = new ArrayList<>();

    @TempDir
    private Path directory;

    @BeforeEach
    void startDevices() {
        for (int i = 0; i < 3; i++) {
            devices.add(new DeviceExecutor(Device.cpu(), 1));
        }
    }

    @AfterEach
    void stopDevices() {
        devices.forEach(DeviceExecutor::close);
    }

    private static Recipe tiny(int accumulate, String names) throws IOException {
        return new Recipe(PretrainConfig.parse("tiny", TINY.formatted(accumulate, names)));
    }

    private static List<Clips> clips(long number) {
        byte[] pixels = new byte[BYTES];
        new Random(number).nextBytes(pixels);
        return List.of(new Clips(2, 4, pixels));
    }

    private static ClipBatches noise(long first) {
        long[] number = {first};
        return () -> clips(number[0]++);
    }

    private TrainingState train(int count, Recipe recipe, Path run, boolean resume, long until)
            throws IOException, InterruptedException {
        Files.createDirectories(run);
        try (Pretraining pretraining = new Pretraining(recipe, devices.subList(0, count), run, resume)) {
            pretraining.run(ReplicasTest::noise, until, progress -> {});
            return pretraining.state();
        }
    }

    private static void requireSame(Map<String, HostTensor> got, Map<String, HostTensor> wanted) {
        assertThat(got.keySet()).isEqualTo(wanted.keySet());
        wanted.forEach(
                (name, tensor) -> assertThat(got.get(name).floats()).as(name).isEqualTo(tensor.floats()));
    }

    private static void requireSame(TrainingState got, TrainingState wanted) {
        requireSame(got.encoder(), wanted.encoder());
        requireSame(got.predictor(), wanted.predictor());
        requireSame(got.target(), wanted.target());
    }

    /** The same parts dealt out to the devices, or to one of them in passes. */
    private static void step(Replicas replicas, Recipe recipe, List<Part> parts, int number) {
        for (int at = 0; at < parts.size(); at += replicas.count()) {
            List<List<Part>> pass = new ArrayList<>();
            parts.subList(at, at + replicas.count()).forEach(part -> pass.add(List.of(part)));
            replicas.accumulate(pass, 0);
        }
        assertThat(replicas.update(recipe.hyper(number)).finite()).isTrue();
    }

    @Test
    void threeDevices_areOneInThreePasses_toTheLastBit() throws Exception {
        Recipe recipe = tiny(1, "[cpu, cpu, cpu]");
        DeviceMasks masks = new DeviceMasks(recipe, DeviceMasks.random(1, 0));
        try (Replicas many = new Replicas(recipe, devices, recipe.draw());
                Replicas one = new Replicas(recipe, devices.subList(0, 1), recipe.draw())) {
            for (int number = 1; number <= 4; number++) {
                List<Part> parts = new ArrayList<>();
                for (int i = 0; i < 3; i++) {
                    parts.addAll(masks.next(clips(10 * number + i), 1.0 / 3));
                }
                step(many, recipe, parts, number);
                step(one, recipe, parts, number);
            }
            requireSame(many.state(), one.state());
            requireSame(many.state().optimiser(), one.state().optimiser());
            List<TrainingState> each = many.states();
            requireSame(each.get(1), each.get(0));
            requireSame(each.get(2), each.get(0));
            assertThat(each.get(0).encoder().get("norm.bias").floats()).isNotEqualTo(new float[24]);
            assertThat(each.get(1).optimiser()).isEmpty();
        }
    }

    @Test
    void fiveStepsAndFiveAfterARestart_areTen_toTheLastBit() throws Exception {
        Recipe recipe = tiny(2, "[cpu, cpu]");
        TrainingState whole = train(2, recipe, directory.resolve("whole"), false, 10);
        Path parts = directory.resolve("parts");
        train(2, recipe, parts, false, 5);
        TrainingState resumed = train(2, recipe, parts, true, 10);
        requireSame(resumed, whole);
        requireSame(resumed.optimiser(), whole.optimiser());
        TrainingState alone = train(1, tiny(2, "[cpu]"), directory.resolve("alone"), false, 10);
        assertThat(alone.encoder().get("norm.bias").floats())
                .isNotEqualTo(whole.encoder().get("norm.bias").floats());
        assertThatThrownBy(() -> new Pretraining(recipe, devices, parts, true))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("want the 2 devices that the run began on, got 3");
    }

    @Test
    void devicesOfAStep_haveBlocksOfOneSize_inPlacesOfTheirOwn() throws Exception {
        Recipe recipe = tiny(1, "[cpu, cpu]");
        DeviceMasks first = new DeviceMasks(recipe, DeviceMasks.random(1, 0));
        DeviceMasks second = new DeviceMasks(recipe, DeviceMasks.random(1, 1));
        int different = 0;
        for (int i = 0; i < 20; i++) {
            // One block on a clip of its own: its size is what is hidden.
            List<Clips> one = List.of(new Clips(1, 4, new byte[BYTES / 2]));
            Part a = first.next(one, 1).get(0);
            Part b = second.next(one, 1).get(0);
            assertThat(b.masks().get(1).targetSize()).isEqualTo(a.masks().get(1).targetSize());
            different +=
                    Arrays.equals(a.masks().get(1).targetIds(), b.masks().get(1).targetIds()) ? 0 : 1;
        }
        assertThat(different).isPositive();
    }

    @Test
    void errorOnOneDevice_endsTheRun_saysWhere_andLeavesNoThread() throws Exception {
        Recipe recipe = tiny(1, "[cpu, cpu]");
        Path run = Files.createDirectories(directory.resolve("broken"));
        int[] given = {0};
        boolean[] closed = {false};
        ClipBatches.Opener broken = first -> new ClipBatches() {
            @Override
            public List<Clips> next() {
                given[0]++;
                return given[0] == 4 ? List.of(new Clips(2, 4, new byte[BYTES / 4])) : clips(given[0]);
            }

            @Override
            public void close() {
                closed[0] = true;
            }
        };
        List<Thread> before = threads();
        try (Devices own = Devices.open(recipe.config().run());
                Pretraining pretraining = new Pretraining(recipe, own.executors(), run, false)) {
            assertThat(threads()).hasSize(before.size() + 2);
            assertThatThrownBy(() -> pretraining.run(broken, 10, progress -> {}))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("device 2 of 2 (cpu()): batch: want 24576 bytes, got 6144");
            assertThat(pretraining.done()).isEqualTo(1);
        }
        assertThat(closed[0]).isTrue();
        List<Thread> left = new ArrayList<>(threads());
        left.removeAll(before);
        for (Thread thread : left) {
            thread.join(10_000); // an executor has ended an instant before its thread
            assertThat(thread.isAlive()).as("%s", thread).isFalse();
        }
    }

    @Test
    void gpuThatIsNamedTwice_isRefused() {
        Devices.requireEachGpuOnce(List.of(Device.gpu(0), Device.gpu(1), Device.cpu(), Device.cpu()));
        assertThatThrownBy(() -> Devices.requireEachGpuOnce(List.of(Device.gpu(1), Device.gpu(0), Device.gpu(1))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("want each GPU once, got [gpu(1), gpu(0), gpu(1)]");
    }

    private static List<Thread> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("device-"))
                .toList();
    }

    @Test
    void numberOfDevices_belongsToARun_theirNamesDoNot() throws Exception {
        RunDirectory run = new RunDirectory(directory.resolve("run"));
        run.open(tiny(1, "[cpu, cpu]").config(), false);
        run.open(tiny(1, "['gpu:0', 'gpu:1']").config(), true);
        assertThatThrownBy(() -> run.open(tiny(1, "[cpu]").config(), true))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("[devices] differ");
        Path file = directory.resolve("run/config.yaml");
        String fields = Files.readString(file);
        assertThat(fields).contains("  sets: null\n");
        Files.writeString(file, fields.replace("  sets: null\n", ""));
        run.open(tiny(1, "[cpu, cpu]").config(), true);
        assertThatThrownBy(() -> tiny(1, "[]")).hasMessageContaining("devices: want at least one");
        assertThatThrownBy(
                        () -> Devices.open(tiny(1, "[cpu, 'gpu:99']").config().run()))
                .hasMessageContaining("want one of");
    }
}
