package io.jepastream.encoder;

import ai.djl.Device;
import ai.djl.engine.Engine;
import io.jepastream.encoder.tensor.Precision;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How a model is run.
 *
 * @param device {@code auto} (first GPU, else CPU), {@code cpu}, {@code gpu} or {@code gpu:N}; default auto
 * @param precision of matrix products; default {@link Precision#usual}
 * @param maxBatch clips per call on a GPU, which pads to it; default 8
 * @param pooling rows of an embedding; default mean
 * @param threads cores for one operation on the CPU; 0 (the default) leaves the engine's choice
 */
public record ModelOptions(String device, Optional<Precision> precision, int maxBatch, Pooling pooling, int threads) {
    private static final Pattern GPU = Pattern.compile("gpu(?::(\\d{1,3}))?");

    public ModelOptions {
        EncoderConfig.require(
                device.equals("auto")
                        || device.equals("cpu")
                        || GPU.matcher(device).matches(),
                "device: want auto, cpu, gpu or gpu:N, got '%s'",
                device);
        EncoderConfig.require(maxBatch > 0, "max-batch: want positive, got %d", maxBatch);
        EncoderConfig.require(threads >= 0, "threads: want 0 or more, got %d", threads);
    }

    /** Everything at its default. */
    public static ModelOptions defaults() {
        return new ModelOptions("auto", Optional.empty(), 8, Pooling.MEAN, 0);
    }

    public ModelOptions withDevice(String other) {
        return new ModelOptions(other, precision, maxBatch, pooling, threads);
    }

    public ModelOptions withPrecision(Precision other) {
        return new ModelOptions(device, Optional.of(other), maxBatch, pooling, threads);
    }

    public ModelOptions withMaxBatch(int clips) {
        return new ModelOptions(device, precision, clips, pooling, threads);
    }

    public ModelOptions withPooling(Pooling other) {
        return new ModelOptions(device, precision, maxBatch, other, threads);
    }

    public ModelOptions withThreads(int cores) {
        return new ModelOptions(device, precision, maxBatch, pooling, cores);
    }

    /** The device meant, after looking at the machine. */
    public Device resolve() {
        Matcher gpu = GPU.matcher(device);
        if (device.equals("cpu")) {
            return Device.cpu();
        }
        int count = Engine.getEngine("PyTorch").getGpuCount();
        if (!gpu.matches()) {
            return count > 0 ? Device.gpu(0) : Device.cpu();
        }
        int index = gpu.group(1) == null ? 0 : Integer.parseInt(gpu.group(1));
        EncoderConfig.require(index < count, "device: want one of %d GPUs here, got '%s'", count, device);
        return Device.gpu(index);
    }
}
