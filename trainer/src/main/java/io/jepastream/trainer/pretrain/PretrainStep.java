package io.jepastream.trainer.pretrain;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.jepastream.encoder.EncoderConfig;
import io.jepastream.encoder.Family;
import io.jepastream.encoder.Predictor;
import io.jepastream.encoder.PredictorConfig;
import io.jepastream.encoder.VideoEncoder;
import io.jepastream.encoder.tensor.HostTensor;
import io.jepastream.encoder.tensor.Kernel;
import io.jepastream.encoder.tensor.Precision;
import io.jepastream.trainer.mask.MaskPair;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One step of V-JEPA: the target encoder sees the whole clip, the encoder its visible tokens, the predictor guesses the
 * target encoder's features of the hidden ones; then AdamW moves encoder and predictor, and the target encoder follows as
 * their moving average (arXiv:2404.08471, section 3). Owns weights, gradients and moments. Lives on the thread of its
 * device.
 *
 * <p>{@code B} clips, {@code L D} width of a target: that of the encoder, or of four levels of it side by side.
 */
public final class PretrainStep implements AutoCloseable {
    private final NDManager owner;
    private final boolean updates;
    private final EncoderConfig encoder;
    private final Objective objective;
    private final TrainingState start;
    private final Kernel kernel;
    private final List<String> encoderNames;
    private final List<String> predictorNames;
    private final NDList p = new NDList();
    private final NDList q = new NDList();
    private final NDList target = new NDList();
    private final NDList gradients = new NDList();
    private final NDList first = new NDList();
    private final NDList second = new NDList();
    private final NDList counts = new NDList();
    private final NDArray used;
    private final NDArray stats;
    private final NDArray positions;
    private final NDArray predictorPositions;
    private final NDArray omega;
    private final NDArray predictorOmega;
    private final NDArray levels;

    /** What one part of a step says; each a mean over the masks. */
    public record Loss(double total, double prediction, double context, double spread) {}

    /** What one update is told; {@code clip} is the most that a gradient's norm may be, 0 for no limit. */
    public record Hyper(double learningRate, double weightDecay, double clip, double momentum) {}

    /** Lengths of the gradients before they were limited. */
    public record Norms(double encoder, double predictor) {
        /** Whether the step could be taken. */
        public boolean finite() {
            return Double.isFinite(encoder) && Double.isFinite(predictor);
        }
    }

    /**
     * Takes over a state.
     *
     * @param owner manager of everything it holds; also fixes the device
     * @throws IllegalArgumentException if the state lacks a tensor or one has another shape
     */
    public PretrainStep(
            NDManager owner,
            EncoderConfig encoder,
            PredictorConfig predictor,
            Objective objective,
            Precision precision,
            TrainingState start) {
        this(owner, encoder, predictor, objective, precision, start, true);
    }

    private PretrainStep(
            NDManager owner,
            EncoderConfig encoder,
            PredictorConfig predictor,
            Objective objective,
            Precision precision,
            TrainingState start,
            boolean updates) {
        this.owner = owner;
        this.updates = updates;
        this.encoder = encoder;
        this.objective = objective;
        this.start = start;
        this.kernel = compile(owner, encoder, predictor, objective, precision);
        this.encoderNames = VideoEncoder.kernelOrder(encoder);
        this.predictorNames = new ArrayList<>(Predictor.kernelOrder(predictor));
        Map<String, Shape> shapes = VideoEncoder.shapes(encoder);
        for (String name : encoderNames) {
            add(p, "encoder", start.encoder(), name, shapes);
            target.add(kept(find(start.target(), "target encoder", name, shapes), shape(shapes, name)));
        }
        Map<String, Shape> predictorShapes = Predictor.shapes(encoder, predictor);
        if (objective.pixels()) {
            InitialWeights.pixelShapes(encoder).forEach((name, shape) -> {
                predictorNames.add(name);
                predictorShapes.put(name, shape);
            });
        }
        predictorNames.forEach(name -> add(q, "predictor", start.predictor(), name, predictorShapes));
        this.used = kept(new float[p.size() + q.size()], new Shape(p.size() + q.size()));
        this.stats = owner.create(VideoEncoder.pixelStats(), new Shape(2, 3, 1, 1, 1));
        this.positions = encoder.useRope()
                ? owner.create(new float[0])
                : kept(find(start.encoder(), "encoder", "pos_embed", shapes), shape(shapes, "pos_embed"));
        String table = "predictor_pos_embed";
        this.predictorPositions = predictor.useRope()
                ? owner.create(new float[0])
                : kept(find(start.predictor(), "predictor", table, predictorShapes), shape(predictorShapes, table));
        this.omega = owner.create(VideoEncoder.rotaryFrequencies(encoder));
        this.predictorOmega = owner.create(Predictor.rotaryFrequencies(encoder, predictor));
        int[] blocks =
                encoder.outputBlocks().stream().mapToInt(Integer::intValue).toArray();
        this.levels = owner.create(VideoEncoder.levelNorms(encoder, blocks), new Shape(blocks.length, 2));
    }

    /**
     * The same for a further device: it makes gradients and gets its weights from a first one, so it keeps no moments.
     *
     * @param owner manager of everything it holds; also fixes the device
     */
    static PretrainStep replica(
            NDManager owner,
            EncoderConfig encoder,
            PredictorConfig predictor,
            Objective objective,
            Precision precision,
            TrainingState start) {
        return new PretrainStep(owner, encoder, predictor, objective, precision, start, false);
    }

    static Kernel compile(
            NDManager owner,
            EncoderConfig encoder,
            PredictorConfig predictor,
            Objective objective,
            Precision precision) {
        return Kernel.compile(
                owner,
                List.of("transformer", "rope", "attention_explicit", "video_encoder", "predictor", "pretrain"),
                constants(encoder, predictor, objective, precision));
    }

    private static Map<String, Object> constants(
            EncoderConfig encoder, PredictorConfig predictor, Objective objective, Precision precision) {
        Map<String, Object> constants = new HashMap<>(VideoEncoder.constants(encoder, precision));
        constants.putAll(Predictor.constants(encoder, predictor, precision));
        constants.put("target_levels", encoder.outputBlocks().size());
        constants.put("power", objective.lossExp() != 1);
        constants.put("loss_exp", objective.lossExp());
        constants.put("predict_context", predictor.dense().returnAllTokens());
        constants.put("weigh_distance", objective.weighDistance());
        constants.put("pixel_targets", objective.pixels());
        constants.put("whiten_targets", objective.whiten());
        return constants;
    }

    private static Shape shape(Map<String, Shape> shapes, String name) {
        Shape shape = shapes.get(name);
        if (shape == null) {
            throw new IllegalStateException("parameter '%s': want one of %s".formatted(name, shapes.keySet()));
        }
        return shape;
    }

    private static float[] find(Map<String, HostTensor> state, String model, String name, Map<String, Shape> shapes) {
        HostTensor tensor = state.get(name);
        Shape wanted = shape(shapes, name);
        if (tensor == null || !new Shape(tensor.shape()).equals(wanted)) {
            throw new IllegalArgumentException(
                    "%s: tensor '%s': want shape %s, got %s".formatted(model, name, wanted, tensor));
        }
        return tensor.floats();
    }

    private void add(NDList list, String model, Map<String, HostTensor> state, String name, Map<String, Shape> shapes) {
        Shape shape = shape(shapes, name);
        int size = (int) shape.size();
        NDArray weight = kept(find(state, model, name, shapes), shape);
        weight.setRequiresGradient(true);
        list.add(weight);
        gradients.add(kept(new float[size], shape));
        if (!updates) {
            return;
        }
        String at = model + "/" + name + "/";
        first.add(kept(moment(at + "exp_avg", size), shape));
        second.add(kept(moment(at + "exp_avg_sq", size), shape));
        counts.add(kept(moment(at + "step", 1), new Shape()));
    }

    private float[] moment(String name, int size) {
        HostTensor tensor = start.optimiser().get(name);
        if (tensor == null && start.optimiser().isEmpty()) {
            return new float[size];
        }
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

    /**
     * Adds the gradients of clips of one length to those so far.
     *
     * @param clip {@code [B, 3, T, S, S]}: uint8, or float32 with mean and deviation removed
     * @param masks one pair per mask, for these clips
     * @param firstMaskToken mask token of the first mask; V-JEPA 1 gives each mask its own, V-JEPA 2 all masks of one
     *     clip length the same
     * @param share of the step, such as 0.5 where two parts make one
     * @param contextWeight weight of the loss on visible tokens at this step
     */
    public Loss accumulate(
            NDManager scope,
            NDArray clip,
            List<MaskPair> masks,
            int firstMaskToken,
            double share,
            double contextWeight) {
        NDList context = new NDList();
        NDList hidden = new NDList();
        int[] index = new int[masks.size()];
        boolean eachItsOwn = encoder.family() == Family.VJEPA1;
        for (int i = 0; i < index.length; i++) {
            MaskPair mask = masks.get(i);
            context.add(ids(scope, mask.contextIds(), mask.batch()));
            hidden.add(ids(scope, mask.targetIds(), mask.batch()));
            index[i] = firstMaskToken + (eachItsOwn ? i : 0);
        }
        double[] numbers = {share, contextWeight, objective.spreadWeight()};
        NDList out = kernel.call(
                scope,
                "gradients",
                clip,
                stats,
                positions,
                predictorPositions,
                omega,
                predictorOmega,
                levels,
                context,
                hidden,
                host(scope, index),
                clip.getShape().get(2) == 1 ? 1 : 0,
                host(scope, numbers),
                p,
                q,
                target,
                gradients,
                used);
        return new Loss(
                out.get(0).getFloat(),
                out.get(1).getFloat(),
                out.get(2).getFloat(),
                out.get(3).getFloat());
    }

    /**
     * Moves the weights by the gradients so far and forgets these. Gradients that are not finite move nothing; the caller
     * sees it by the norms.
     */
    public Norms update(NDManager scope, Hyper hyper) {
        double[] numbers = {hyper.learningRate(), hyper.weightDecay(), hyper.clip(), hyper.momentum()};
        NDList out = kernel.call(
                scope, "update", host(scope, numbers), p, q, target, gradients, used, first, second, counts);
        return new Norms(out.get(0).getFloat(), out.get(1).getFloat());
    }

    /**
     * Adds a replica's gradients to those so far, and forgets them there. Nothing may run on the replica's device meanwhile.
     */
    void takeGradients(NDManager scope, PretrainStep replica) {
        kernel.call(scope, "take_gradients", gradients, used, replica.gradients, replica.used);
    }

    /** Gives a replica the weights of all three networks. Nothing may run on the replica's device meanwhile. */
    void giveWeights(NDManager scope, PretrainStep replica) {
        kernel.call(scope, "give_weights", p, q, target, replica.p, replica.q, replica.target);
    }

    /** What the target encoder says of whole clips, not normed: {@code [B, N, L D]}. */
    public NDArray features(NDManager scope, NDArray clip) {
        return kernel.call(scope, "features", clip, stats, positions, omega, levels, target)
                .singletonOrThrow();
    }

    private static NDArray ids(NDManager scope, long[] ids, int batch) {
        return scope.create(LongBuffer.wrap(ids), new Shape(batch, ids.length / batch), DataType.INT64);
    }

    private static NDArray host(NDManager scope, double[] numbers) {
        return scope.create(DoubleBuffer.wrap(numbers), new Shape(numbers.length), DataType.FLOAT64);
    }

    private static NDArray host(NDManager scope, int[] numbers) {
        return scope.create(numbers, new Shape(numbers.length));
    }

    /** Gradients so far, as {@code encoder/NAME} and {@code predictor/NAME}. */
    Map<String, HostTensor> gradients() {
        Map<String, HostTensor> all = new LinkedHashMap<>();
        read(all, "encoder/", "", encoderNames, gradients.subNDList(0, p.size()));
        read(all, "predictor/", "", predictorNames, gradients.subNDList(p.size()));
        return all;
    }

    /** A copy of everything learnt, for a checkpoint; of a replica without moments. */
    public TrainingState state() {
        Map<String, HostTensor> ownEncoder = new LinkedHashMap<>(start.encoder());
        Map<String, HostTensor> ownTarget = new LinkedHashMap<>(start.target());
        Map<String, HostTensor> ownPredictor = new LinkedHashMap<>(start.predictor());
        read(ownEncoder, "", "", encoderNames, p);
        read(ownTarget, "", "", encoderNames, target);
        read(ownPredictor, "", "", predictorNames, q);
        Map<String, HostTensor> optimiser = new LinkedHashMap<>();
        Map<String, NDList> parts = new LinkedHashMap<>();
        if (updates) {
            parts.put("/exp_avg", first);
            parts.put("/exp_avg_sq", second);
            parts.put("/step", counts);
        }
        parts.forEach((suffix, list) -> {
            read(optimiser, "encoder/", suffix, encoderNames, list.subNDList(0, p.size()));
            read(optimiser, "predictor/", suffix, predictorNames, list.subNDList(p.size()));
        });
        return new TrainingState(ownEncoder, ownPredictor, ownTarget, optimiser);
    }

    private static void read(
            Map<String, HostTensor> into, String prefix, String suffix, List<String> names, NDList arrays) {
        for (int i = 0; i < names.size(); i++) {
            NDArray array = arrays.get(i);
            into.put(
                    prefix + names.get(i) + suffix,
                    HostTensor.of(array.toFloatArray(), array.getShape().getShape()));
        }
    }

    /** Frees the kernel; the arrays go with their owner. */
    @Override
    public void close() {
        kernel.close();
    }
}
