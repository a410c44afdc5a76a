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
    private static final String FIRST = "/exp_avg";
    private static final String SECOND = "/exp_avg_sq";
    private static final String COUNT = "/step";

    private final EncoderConfig encoder;
    private final Kernel kernel;
    private final List<String> encoderNames;
    private final List<String> headNames;
    private final ProbeConfig head;
    private final State start;
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

    /**
     * All that later steps depend on.
     *
     * @param optimiser moments and step counts as {@code encoder/NAME/exp_avg}, {@code exp_avg_sq} and {@code step}, and
     *     {@code head/NAME/...}; empty at the start
     */
    public record State(Weights weights, Map<String, HostTensor> optimiser) {
        /** The start of a run. */
        public static State fresh(Weights weights) {
            return new State(weights, Map.of());
        }
    }

    /** What one step is told. */
    public record Hyper(double learningRate, double weightDecay, double smoothing) {}

    /**
     * What one step says.
     *
     * @param loss before it; one that is not finite has moved nothing
     * @param accuracy share of the clips whose foremost class got the highest score
     */
    public record Outcome(double loss, double accuracy) {}

    /**
     * Takes over weights, and moments where there are some.
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
            State start) {
        this.owner = owner;
        this.encoder = encoder;
        this.head = head;
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
        encoderNames.forEach(name -> add(p, "encoder", name, shapes));
        headNames.forEach(name -> add(q, "head", name, headShapes));
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
                : kept(
                        find(start.weights().encoder(), "pos_embed", shapes),
                        shapes.getOrDefault("pos_embed", new Shape()));
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

    private void add(NDList list, String part, String name, Map<String, Shape> shapes) {
        Weights weights = start.weights();
        float[] values = find(part.equals("head") ? weights.head() : weights.encoder(), name, shapes);
        Shape shape = shapes.getOrDefault(name, new Shape());
        NDArray weight = kept(values, shape);
        weight.setRequiresGradient(true);
        list.add(weight);
        String at = part + "/" + name;
        first.add(kept(moment(at + FIRST, values.length), shape));
        second.add(kept(moment(at + SECOND, values.length), shape));
        counts.add(kept(moment(at + COUNT, 1), new Shape()));
    }

    private float[] moment(String name, int size) {
        if (start.optimiser().isEmpty()) {
            return new float[size];
        }
        HostTensor tensor = start.optimiser().get(name);
        if (tensor == null || tensor.size() != size) {
            throw new IllegalArgumentException(
                    "optimiser: tensor '%s': want %d values, got %s".formatted(name, size, tensor));
        }
        return tensor.floats();
    }

    /** An array of the engine's own; one made from Java memory only borrows it. */
    private NDArray kept(float[] values, Shape shape) {
        try (NDArray borrowed = owner.create(FloatBuffer.wrap(values), shape, DataType.FLOAT32)) {
            return borrowed.duplicate();
        }
    }

    /** One update. */
    Outcome step(NDManager scope, Minibatch batch, Hyper hyper) {
        int b = batch.size();
        float[] numbers = {(float) hyper.learningRate(), (float) hyper.weightDecay(), (float) hyper.smoothing()};
        NDList out = kernel.call(
                scope,
                "step",
                clip(scope, batch.pixels(), b),
                stats,
                positions,
                omega,
                scope.create(batch.branches(), new Shape(dropPath.depth(), 2, b)),
                scope.create(batch.features(), new Shape(b, head.embedDim())),
                scope.create(batch.targets(), new Shape(b, head.numClasses())),
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
        Weights all = new Weights(
                new LinkedHashMap<>(start.weights().encoder()),
                new LinkedHashMap<>(start.weights().head()));
        read(all.encoder(), "", encoderNames, "", p);
        read(all.head(), "", headNames, "", q);
        return all;
    }

    /** A copy of everything that learns or serves to. */
    State state() {
        Map<String, HostTensor> optimiser = new LinkedHashMap<>();
        Map.of(FIRST, first, SECOND, second, COUNT, counts).forEach((suffix, list) -> {
            read(optimiser, "encoder/", encoderNames, suffix, list.subNDList(0, p.size()));
            read(optimiser, "head/", headNames, suffix, list.subNDList(p.size()));
        });
        return new State(weights(), optimiser);
    }

    private static void read(
            Map<String, HostTensor> into, String prefix, List<String> names, String suffix, NDList arrays) {
        for (int i = 0; i < names.size(); i++) {
            NDArray array = arrays.get(i);
            into.put(
                    prefix + names.get(i) + suffix,
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
