package io.jepastream.trainer.pretrain;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.jepastream.encoder.EncoderConfig;
import io.jepastream.encoder.tensor.DeviceExecutor;
import io.jepastream.encoder.tensor.Kernel;
import io.jepastream.encoder.tensor.Precision;
import io.jepastream.trainer.data.Clips;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import java.util.stream.IntStream;

/**
 * The same weights on every device of a run (data parallelism): each makes gradients of clips of its own, at the same time
 * as the others, and the weights move by the mean of them all.
 *
 * <p>The first device adds up the gradients, in the order of the devices, makes the update, and hands the weights of all
 * three networks to the others. So the sum does not depend on which device is done first, weights cannot drift apart even
 * between unlike devices, and the moments are kept once. It costs a copy of the gradients one way and of the weights the
 * other; every device making the update for itself would copy a third less, and would have to trust that equal
 * gradients give equal weights everywhere.
 */
final class Replicas implements AutoCloseable {
    private final EncoderConfig encoder;
    private final List<DeviceExecutor> devices;
    private final List<PretrainStep> steps = new ArrayList<>();
    private final Kernel collapse;

    /**
     * Takes over a state.
     *
     * @param devices at least one, the first makes the updates; stay the caller's, as do the tensors on them if this fails
     */
    Replicas(Recipe recipe, List<DeviceExecutor> devices, TrainingState start) {
        this.encoder = recipe.encoder();
        this.devices = List.copyOf(devices);
        for (DeviceExecutor device : devices) {
            steps.add(device.call(scope -> open(recipe, device, start)));
        }
        DeviceExecutor first = devices.get(0);
        this.collapse = first.call(scope -> Collapse.kernel(first.root()));
    }

    private PretrainStep open(Recipe recipe, DeviceExecutor device, TrainingState start) {
        Precision precision = recipe.precision(device.device().isGpu());
        return steps.isEmpty()
                ? new PretrainStep(device.root(), encoder, recipe.predictor(), recipe.objective(), precision, start)
                : PretrainStep.replica(
                        device.root(), encoder, recipe.predictor(), recipe.objective(), precision, start);
    }

    int count() {
        return devices.size();
    }

    /**
     * Adds the gradients of each device's parts.
     *
     * @param parts of each device, in the order of the devices
     * @return the losses of the parts, likewise
     * @throws IllegalStateException if a device fails, once all others have ended their parts; with one device what it threw
     */
    List<List<PretrainStep.Loss>> accumulate(List<List<Part>> parts, double contextWeight) {
        if (parts.size() != devices.size()) {
            throw new IllegalArgumentException(
                    "parts: want those of %d devices, got %d".formatted(devices.size(), parts.size()));
        }
        return onAll((rank, scope) -> parts.get(rank).stream()
                .map(part -> accumulate(scope, rank, part, contextWeight))
                .toList());
    }

    private PretrainStep.Loss accumulate(NDManager scope, int rank, Part part, double contextWeight) {
        try (NDManager own = scope.newSubManager()) {
            NDArray clip = pixels(own, part.clips());
            return steps.get(rank).accumulate(own, clip, part.masks(), part.maskToken(), part.share(), contextWeight);
        }
    }

    /** How rich the target encoder's features of whole clips are. */
    Collapse measure(Clips clips) {
        return devices.get(0)
                .call(scope -> Collapse.of(scope, collapse, steps.get(0).features(scope, pixels(scope, clips))));
    }

    private NDArray pixels(NDManager scope, Clips clips) {
        Shape shape =
                new Shape(clips.count(), encoder.inChans(), clips.frames(), encoder.imgHeight(), encoder.imgWidth());
        if (clips.pixels().length != shape.size()) {
            throw new IllegalArgumentException(
                    "batch: want %d bytes, got %d".formatted(shape.size(), clips.pixels().length));
        }
        return scope.create(ByteBuffer.wrap(clips.pixels()), shape, DataType.UINT8);
    }

    /** Moves the weights of all devices by the gradients of all, see {@link PretrainStep#update}. */
    PretrainStep.Norms update(PretrainStep.Hyper hyper) {
        PretrainStep first = steps.get(0);
        List<PretrainStep> others = steps.subList(1, steps.size());
        return devices.get(0).call(scope -> {
            others.forEach(other -> first.takeGradients(scope, other));
            PretrainStep.Norms norms = first.update(scope, hyper);
            others.forEach(other -> first.giveWeights(scope, other));
            return norms;
        });
    }

    /** A copy of everything learnt. */
    TrainingState state() {
        return devices.get(0).call(scope -> steps.get(0).state());
    }

    /** What each device has of the weights, in the order of the devices; without moments but for the first. */
    List<TrainingState> states() {
        return onAll((rank, scope) -> steps.get(rank).state());
    }

    /** Does the work on every device at once, and waits for all of them, whether or not one fails. */
    private <T> List<T> onAll(BiFunction<Integer, NDManager, T> work) {
        List<CompletableFuture<T>> running = IntStream.range(0, devices.size())
                .mapToObj(rank -> devices.get(rank).submit(scope -> work.apply(rank, scope)))
                .toList();
        boolean ended = CompletableFuture.allOf(running.toArray(CompletableFuture[]::new))
                .handle((nothing, failure) -> true)
                .join();
        List<T> results = new ArrayList<>();
        for (int rank = 0; ended && rank < running.size(); rank++) {
            try {
                results.add(DeviceExecutor.join(running.get(rank)));
            } catch (RuntimeException e) {
                throw failed(rank, e);
            }
        }
        return results;
    }

    private RuntimeException failed(int rank, RuntimeException cause) {
        return devices.size() == 1
                ? cause
                : new IllegalStateException(
                        "device %d of %d (%s): %s"
                                .formatted(
                                        rank + 1,
                                        devices.size(),
                                        devices.get(rank).device(),
                                        cause.getMessage()),
                        cause);
    }

    /** Frees the kernels; the arrays go with their devices. */
    @Override
    public void close() {
        devices.get(0).call(scope -> {
            collapse.close();
            return true;
        });
        onAll((rank, scope) -> {
            steps.get(rank).close();
            return true;
        });
    }
}
