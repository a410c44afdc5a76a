package io.jepastream.trainer;

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
import java.nio.LongBuffer;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Encoder and attentive head under supervised training: owns weights, moments and a running mean of the weights, and
 * runs forward, backward, clipping and AdamW as one native call. Lives on the thread of its device.
 */
final class SupervisedStep implements AutoCloseable {
    private final NDManager owner;
    private final EncoderConfig encoder;
    private final Kernel kernel;
    private final List<String> encoderNames;
    private final List<String> headNames;
    private final NDList p = new NDList();
    private final NDList q = new NDList();
    private final NDList first = new NDList();
    private final NDList second = new NDList();
    private final NDList counts = new NDList();
    private final NDList mean = new NDList();
    private final NDArray stats;
    private final NDArray omega;

    /** What one step is told. */
    record Hyper(double learningRate, double weightDecay, double gradientLimit, double smoothing, double meanDecay) {}

    /** What one step says: loss, gradient norm, and the share of right answers. */
    record Outcome(double loss, double gradient, double accuracy) {}

    /**
     * Starts with fresh moments.
     *
     * @param seed of the first weights
     * @param known weights to go on from, by official name; those that it lacks are drawn
     */
    SupervisedStep(
            NDManager owner,
            EncoderConfig encoder,
            ProbeConfig head,
            Precision precision,
            long seed,
            Map<String, HostTensor> known) {
        this.owner = owner;
        this.encoder = encoder;
        Map<String, Object> constants = new HashMap<>(VideoEncoder.constants(encoder, precision));
        constants.putAll(Probe.constants(head));
        this.kernel = Kernel.compile(
                owner,
                List.of(
                        "transformer",
                        "rope",
                        "attention_explicit",
                        "video_encoder",
                        "attentive_probe",
                        "supervised_step"),
                constants);
        this.encoderNames = VideoEncoder.kernelOrder(encoder);
        this.headNames = Probe.kernelOrder(head);
        SplittableRandom random = new SplittableRandom(seed);
        Map<String, Shape> shapes = VideoEncoder.shapes(encoder);
        encoderNames.forEach(name -> add(p, first(name, find(shapes, name), random, known), find(shapes, name)));
        Map<String, Shape> headShapes = Probe.shapes(head, 1);
        headNames.forEach(name -> add(q, first(name, find(headShapes, name), random, known), find(headShapes, name)));
        this.stats = owner.create(VideoEncoder.pixelStats(), new Shape(2, 3, 1, 1, 1));
        this.omega = owner.create(VideoEncoder.rotaryFrequencies(encoder));
    }

    private static Shape find(Map<String, Shape> shapes, String name) {
        Shape shape = shapes.get(name);
        if (shape == null) {
            throw new IllegalArgumentException("parameter '%s': want one of %s".formatted(name, shapes.keySet()));
        }
        return shape;
    }

    private static float[] first(String name, Shape shape, SplittableRandom random, Map<String, HostTensor> known) {
        HostTensor tensor = known.get(name);
        return tensor == null ? Initial.values(name, shape, random) : tensor.floats();
    }

    private void add(NDList list, float[] values, Shape shape) {
        NDArray weight = kept(values, shape);
        mean.add(weight.duplicate());
        weight.setRequiresGradient(true);
        list.add(weight);
        first.add(kept(new float[(int) shape.size()], shape));
        second.add(kept(new float[(int) shape.size()], shape));
        counts.add(kept(new float[1], new Shape()));
    }

    /** An array of the engine's own; one made from Java memory only borrows it. */
    private NDArray kept(float[] values, Shape shape) {
        try (NDArray borrowed = owner.create(FloatBuffer.wrap(values), shape, DataType.FLOAT32)) {
            return borrowed.duplicate();
        }
    }

    /**
     * One step of AdamW.
     *
     * @param batch bytes {@code [B, 3, T, S, S]} and labels
     * @param kept token ids {@code [B, K]} to run, row by row
     */
    Outcome step(NDManager scope, ClipPool.Batch batch, long[] kept, Hyper hyper) {
        int b = batch.labels.length;
        float[] numbers = {
            (float) hyper.learningRate(),
            (float) hyper.weightDecay(),
            (float) hyper.gradientLimit(),
            (float) hyper.smoothing(),
            (float) hyper.meanDecay()
        };
        NDList out = kernel.call(
                scope,
                "step",
                pixels(scope, batch.pixels, b),
                stats,
                omega,
                ids(scope, kept, b),
                scope.create(batch.labels),
                scope.create(numbers),
                p,
                q,
                first,
                second,
                counts,
                mean);
        return new Outcome(
                out.get(0).getFloat(), out.get(1).getFloat(), out.get(2).getFloat() / b);
    }

    /** Logits {@code [B, C]}, row by row, of the running mean of the weights, over all tokens. */
    float[] scores(NDManager scope, byte[] pixels, int b) {
        long[] all = new long[b * encoder.tokens()];
        for (int i = 0; i < all.length; i++) {
            all[i] = i % encoder.tokens();
        }
        NDList meanP = mean.subNDList(0, p.size());
        NDList meanQ = mean.subNDList(p.size());
        return kernel.call(scope, "scores", pixels(scope, pixels, b), stats, omega, ids(scope, all, b), meanP, meanQ)
                .singletonOrThrow()
                .toFloatArray();
    }

    private NDArray pixels(NDManager scope, byte[] pixels, int b) {
        int side = encoder.imgHeight();
        Shape shape = new Shape(b, 3, encoder.numFrames(), side, side);
        return scope.create(ByteBuffer.wrap(pixels), shape, DataType.UINT8);
    }

    private static NDArray ids(NDManager scope, long[] ids, int b) {
        return scope.create(LongBuffer.wrap(ids), new Shape(b, ids.length / b), DataType.INT64);
    }

    /** The running mean of the encoder's weights under their official names. */
    Map<String, HostTensor> encoderWeights() {
        return weights(encoderNames, mean.subNDList(0, p.size()));
    }

    /** The running mean of the head's weights under their official names. */
    Map<String, HostTensor> headWeights() {
        return weights(headNames, mean.subNDList(p.size()));
    }

    private static Map<String, HostTensor> weights(List<String> names, NDList arrays) {
        Map<String, HostTensor> weights = new LinkedHashMap<>();
        for (int i = 0; i < names.size(); i++) {
            NDArray array = arrays.get(i);
            weights.put(
                    names.get(i),
                    HostTensor.of(array.toFloatArray(), array.getShape().getShape()));
        }
        return weights;
    }

    @Override
    public void close() {
        kernel.close();
    }
}
