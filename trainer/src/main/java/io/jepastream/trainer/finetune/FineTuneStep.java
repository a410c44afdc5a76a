package io.jepastream.trainer.finetune;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.jepastream.encoder.EncoderConfig;
import io.jepastream.encoder.VideoEncoder;
import io.jepastream.encoder.tensor.HostTensor;
import io.jepastream.encoder.tensor.Kernel;
import io.jepastream.encoder.tensor.Precision;
import io.jepastream.probeheads.Probe;
import io.jepastream.probeheads.ProbeConfig;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Encoder and head that learn together: owns weights and moments, and runs forward, backward and AdamW as one native call
 * (arXiv:2404.08471, appendix on fine-tuning). Lives on the thread of its device.
 *
 * <p>{@code B} clips, {@code T} frames, {@code S} pixels a side, {@code C} classes.
 */
public final class FineTuneStep implements AutoCloseable {
    private final EncoderConfig encoder;
    private final Kernel kernel;
    private final List<String> encoderNames;
    private final List<String> headNames;
    private final Weights start;
    private final DropPath dropPath;
    private final NDManager owner;
    private final NDList p = new NDList();
    private final NDList q = new NDList();
    private final NDList first = new NDList();
    private final NDList second = new NDList();
    private final NDList counts = new NDList();
    private final NDArray stats;
    private final NDArray positions;
    private final NDArray omega;
    private final NDArray group;
    private final NDArray rules;

    /** How a tensor learns: its part of the learning rate, and whether it decays. */
    private record Rule(double scale, boolean decays) {}

    /** Tensors of encoder and head by official name. */
    public record Weights(Map<String, HostTensor> encoder, Map<String, HostTensor> head) {}

    /** What one step is told. */
    public record Hyper(double learningRate, double weightDecay, double smoothing) {}

    /** What one step says: the loss before it, which moved nothing if it is not finite, and the share of right answers. */
    public record Outcome(double loss, double accuracy) {}

    /**
     * Takes over first weights, with fresh moments.
     *
     * @param owner manager of everything it holds, and of nothing else; also fixes the device
     * @param decay learning rates over the encoder's layers; the head's is whole
     * @param dropPath depth is the encoder's
     * @throws IllegalArgumentException if a tensor is missing or has another shape
     */
    public FineTuneStep(
            NDManager owner,
            EncoderConfig encoder,
            ProbeConfig head,
            Precision precision,
            LayerDecay decay,
            DropPath dropPath,
            Weights start) {
        this.owner = owner;
        this.encoder = encoder;
        this.start = start;
        this.dropPath = dropPath;
        Map<String, Object> constants = new HashMap<>(VideoEncoder.constants(encoder, precision));
        constants.putAll(Probe.constants(head));
        String probe = head.kind() == ProbeConfig.Kind.MEAN ? "mean_probe" : "attentive_probe";
        this.kernel = Kernel.compile(
                owner,
                List.of("transformer", "rope", "attention_explicit", "video_encoder", probe, "finetune_step"),
                constants);
        this.encoderNames = VideoEncoder.kernelOrder(encoder);
        this.headNames = Probe.kernelOrder(head);
        Map<String, Shape> shapes = VideoEncoder.shapes(encoder);
        Map<String, Shape> headShapes = Probe.shapes(head, 1);
        encoderNames.forEach(name -> add(p, name, start.encoder(), shapes));
        headNames.forEach(name -> add(q, name, start.head(), headShapes));
        List<Rule> learnt = new ArrayList<>();
        encoderNames.forEach(name -> learnt.add(rule(decay.scale(name), name, shapes)));
        headNames.forEach(name -> learnt.add(rule(1, name, headShapes)));
        List<Rule> different = learnt.stream().distinct().toList();
        this.group = owner.create(learnt.stream().mapToInt(different::indexOf).toArray());
        float[] flat = new float[2 * different.size()];
        for (int i = 0; i < different.size(); i++) {
            flat[2 * i] = (float) different.get(i).scale();
            flat[2 * i + 1] = different.get(i).decays() ? 1 : 0;
        }
        this.rules = kept(flat, new Shape(different.size(), 2));
        this.stats = owner.create(VideoEncoder.pixelStats(), new Shape(2, 3, 1, 1, 1));
        this.positions = encoder.useRope()
                ? owner.create(new float[0])
                : kept(find(start.encoder(), "pos_embed", shapes), shapes.getOrDefault("pos_embed", new Shape()));
        this.omega = owner.create(VideoEncoder.rotaryFrequencies(encoder));
    }

    private static Rule rule(double scale, String name, Map<String, Shape> shapes) {
        return new Rule(scale, LayerDecay.decays(name, shapes.getOrDefault(name, new Shape())));
    }

    private static float[] find(Map<String, HostTensor> state, String name, Map<String, Shape> shapes) {
        HostTensor tensor = state.get(name);
        Shape shape = shapes.get(name);
        if (tensor == null || shape == null || !new Shape(tensor.shape()).equals(shape)) {
            throw new IllegalArgumentException(
                    "fine-tuning: tensor '%s': want shape %s, got %s".formatted(name, shape, tensor));
        }
        return tensor.floats();
    }

    private void add(NDList list, String name, Map<String, HostTensor> state, Map<String, Shape> shapes) {
        float[] values = find(state, name, shapes);
        Shape shape = shapes.getOrDefault(name, new Shape());
        NDArray weight = kept(values, shape);
        weight.setRequiresGradient(true);
        list.add(weight);
        first.add(kept(new float[values.length], shape));
        second.add(kept(new float[values.length], shape));
        counts.add(kept(new float[1], new Shape()));
    }

    /** An array of the engine's own; one made from Java memory only borrows it. */
    private NDArray kept(float[] values, Shape shape) {
        try (NDArray borrowed = owner.create(FloatBuffer.wrap(values), shape, DataType.FLOAT32)) {
            return borrowed.duplicate();
        }
    }

    /**
     * One update.
     *
     * @param pixels {@code [B, 3, T, S, S]} uint8 RGB, row by row
     * @param labels B numbers of classes
     * @param keep what {@link DropPath#draw} gave, {@code [depth, 2, B]}
     */
    Outcome step(NDManager scope, byte[] pixels, long[] labels, float[] keep, Hyper hyper) {
        int b = labels.length;
        float[] numbers = {(float) hyper.learningRate(), (float) hyper.weightDecay(), (float) hyper.smoothing()};
        NDList out = kernel.call(
                scope,
                "step",
                clip(scope, pixels, b),
                stats,
                positions,
                omega,
                scope.create(keep, new Shape(dropPath.depth(), 2, b)),
                scope.create(labels),
                group,
                rules,
                scope.create(numbers),
                p,
                q,
                first,
                second,
                counts);
        return new Outcome(out.get(0).getFloat(), out.get(1).getFloat() / b);
    }

    /** Logits {@code [B, C]}, row by row, of the encoder as it serves. */
    float[] scores(NDManager scope, byte[] pixels, int b) {
        return kernel.call(scope, "scores", clip(scope, pixels, b), stats, positions, omega, p, q)
                .singletonOrThrow()
                .toFloatArray();
    }

    private NDArray clip(NDManager scope, byte[] pixels, int b) {
        int side = encoder.imgHeight();
        Shape shape = new Shape(b, 3, encoder.numFrames(), side, side);
        if (pixels.length != shape.size()) {
            throw new IllegalArgumentException(
                    "clips: want %d bytes for %s, got %d".formatted(shape.size(), shape, pixels.length));
        }
        return scope.create(ByteBuffer.wrap(pixels), shape, DataType.UINT8);
    }

    /** A copy of all weights, what does not learn included. */
    Weights weights() {
        Weights all = new Weights(new LinkedHashMap<>(start.encoder()), new LinkedHashMap<>(start.head()));
        read(all.encoder(), encoderNames, p);
        read(all.head(), headNames, q);
        return all;
    }

    private static void read(Map<String, HostTensor> into, List<String> names, NDList arrays) {
        for (int i = 0; i < names.size(); i++) {
            NDArray array = arrays.get(i);
            into.put(
                    names.get(i),
                    HostTensor.of(array.toFloatArray(), array.getShape().getShape()));
        }
    }

    /** Frees the kernel and everything it holds. */
    @Override
    public void close() {
        kernel.close();
        owner.close();
    }
}
