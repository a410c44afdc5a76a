package io.jepastream.trainer.pretrain;

import ai.djl.Device;
import io.jepastream.encoder.ModelOptions;
import io.jepastream.encoder.tensor.DeviceExecutor;
import java.util.ArrayList;
import java.util.List;

/** The devices of a run, each with a thread of its own. */
public final class Devices implements AutoCloseable {
    private final List<DeviceExecutor> executors = new ArrayList<>();

    private Devices() {}

    /**
     * Opens what a run is to use.
     *
     * @return the caller's
     * @throws IllegalArgumentException if one is not there, or a GPU is named twice
     */
    public static Devices open(PretrainConfig.Run run) {
        List<Device> wanted = run.deviceNames().stream()
                .map(name -> ModelOptions.defaults().withDevice(name).resolve())
                .toList();
        requireEachGpuOnce(wanted);
        Devices devices = new Devices();
        try {
            wanted.forEach(device -> devices.executors.add(new DeviceExecutor(device, 0)));
            return devices;
        } catch (RuntimeException | Error e) {
            devices.close();
            throw e;
        }
    }

    /** A GPU has no use for two threads; the CPU may be named again, which tests do. */
    static void requireEachGpuOnce(List<Device> devices) {
        List<Device> gpus = devices.stream().filter(Device::isGpu).toList();
        if (gpus.stream().distinct().count() < gpus.size()) {
            throw new IllegalArgumentException("devices: want each GPU once, got " + devices);
        }
    }

    /** What a {@link Pretraining} takes, in the order of the configuration. */
    public List<DeviceExecutor> executors() {
        return List.copyOf(executors);
    }

    /** Frees every tensor on every device and ends the threads. */
    @Override
    public void close() {
        executors.forEach(DeviceExecutor::close);
    }
}
