package io.jepastream.trainer.probe;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.jepastream.encoder.tensor.HostTensor;
import io.jepastream.encoder.tensor.Kernel;
import io.jepastream.probeheads.Probe;
import io.jepastream.probeheads.ProbeConfig;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Probes of one architecture that learn side by side from the same frozen tokens, each with weights, moments, learning
 * rate and weight decay of its own: forward, cross entropy, backward, clipping and AdamW as one native call per probe
 * (arXiv:2404.08471, appendix on evaluation; V-JEPA 2 trains several at once). Lives on the thread of its device.
 *
 * <p>{@code B} rows, {@code N} tokens, {@code D} width, {@code C} classes.
 */
public final class ProbeStep implements AutoCloseable {
    private final NDManager owner;
    private final ProbeConfig config;
    private final Rule rule;
    private final Kernel kernel;
    private final List<String> names;
    private final NDArray classWeights;
    private final List<Learner> learners = new ArrayList<>();

    /**
     * What all probes are trained by.
     *
     * @param clip most that the gradient's norm may be, 0 for no limit; V-JEPA 1 takes 1
     * @param decayAll whether biases and norms are decayed too, as in V-JEPA 2
     * @param smoothing share of the truth that is spread over all classes, 0 to below 1
     * @param classWeights weight of each class in the loss
     */
    public record Rule(double clip, boolean decayAll, double smoothing, List<Double> classWeights) {
        public Rule {
            classWeights = List.copyOf(classWeights);
            if (clip < 0 || smoothing < 0 || smoothing >= 1) {
                throw new IllegalArgumentException(
                        "probe: want clip 0 or more and smoothing 0 to below 1, got %s and %s"
                                .formatted(clip, smoothing));
            }
        }
    }

    /** What one update of one probe is told. */
    public record Hyper(double learningRate, double weightDecay) {}

    /**
     * What one step of one probe says.
     *
     * @param loss before the update
     * @param gradient norm before it was limited; one that is not finite has moved nothing
     * @param logits {@code [B, C]} before the update, of the scope given to the call
     */
    public record Outcome(double loss, double gradient, NDArray logits) {}

    /** One probe: its whole state dictionary at the start, and what the kernel works on. */
    private record Learner(Map<String, HostTensor> start, NDList weights, NDList first, NDList second, NDList counts) {}

    /**
     * Takes over first weights, with fresh moments.
     *
     * @param owner manager of everything it holds, and of nothing else: closed with it; also fixes the device
     * @param heads one state dictionary per probe, by official names
     * @throws IllegalArgumentException if a tensor is missing or has another shape, or classes and weights do not match
     */
    public ProbeStep(NDManager owner, ProbeConfig config, Rule rule, List<Map<String, HostTensor>> heads) {
        if (rule.classWeights().size() != config.numClasses() || heads.isEmpty()) {
            throw new IllegalArgumentException("probe: want a head and %d class weights, got %d and %d"
                    .formatted(
                            config.numClasses(),
                            heads.size(),
                            rule.classWeights().size()));
        }
        this.owner = owner;
        this.config = config;
        this.rule = rule;
        Map<String, Object> constants = new HashMap<>(Probe.constants(config));
        constants.put("bf16", false);
        constants.put("decay_all", rule.decayAll());
        this.kernel = Kernel.compile(owner, files(config), constants);
        this.names = Probe.kernelOrder(config);
        float[] weights = new float[config.numClasses()];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = rule.classWeights().get(i).floatValue();
        }
        this.classWeights = kept(weights, new Shape(weights.length));
        heads.forEach(state -> learners.add(learner(state)));
    }

    /** Blocks that read all tokens would need memory for the square of their number without the fused operator. */
    private static List<String> files(ProbeConfig config) {
        boolean many = config.kind() == ProbeConfig.Kind.ATTENTIVE_V2 && config.depth() > 1;
        String probe = config.kind() == ProbeConfig.Kind.MEAN ? "mean_probe" : "attentive_probe";
        String attention = many ? "attention_fused" : "attention_explicit";
        return List.of("transformer", "rope", attention, probe, "probe_step");
    }

    private Learner learner(Map<String, HostTensor> state) {
        Map<String, Shape> shapes = Probe.shapes(config, 1);
        Learner learner = new Learner(state, new NDList(), new NDList(), new NDList(), new NDList());
        for (String name : names) {
            HostTensor tensor = state.get(name);
            Shape shape = shapes.getOrDefault(name, new Shape());
            if (tensor == null || !new Shape(tensor.shape()).equals(shape)) {
                throw new IllegalArgumentException(
                        "probe: tensor '%s': want shape %s, got %s".formatted(name, shape, tensor));
            }
            NDArray weight = kept(tensor.floats(), shape);
            weight.setRequiresGradient(true);
            learner.weights().add(weight);
            learner.first().add(kept(new float[tensor.size()], shape));
            learner.second().add(kept(new float[tensor.size()], shape));
            learner.counts().add(kept(new float[1], new Shape()));
        }
        return learner;
    }

    /** An array of the engine's own; one made from Java memory only borrows it. */
    private NDArray kept(float[] values, Shape shape) {
        try (NDArray borrowed = owner.create(FloatBuffer.wrap(values), shape, DataType.FLOAT32)) {
            return borrowed.duplicate();
        }
    }

    /** How many probes learn. */
    public int heads() {
        return learners.size();
    }

    /**
     * One step of every probe on the same rows. A row is one sight of one video; where a video gives several, its label
     * stands for each and the loss is the mean over them.
     *
     * @param tokens {@code [B, N, D]}, float32 or float16
     * @param labels {@code [B]}, 0 to {@code C - 1}
     * @param hypers one per probe
     */
    public List<Outcome> step(NDManager scope, NDArray tokens, int[] labels, List<Hyper> hypers) {
        if (hypers.size() != learners.size()) {
            throw new IllegalArgumentException(
                    "probe: want %d rates and decays, got %d".formatted(learners.size(), hypers.size()));
        }
        NDArray truth = truth(scope, tokens, labels);
        List<Outcome> outcomes = new ArrayList<>();
        for (int i = 0; i < learners.size(); i++) {
            Learner learner = learners.get(i);
            NDList out = kernel.call(
                    scope,
                    "step",
                    tokens,
                    truth,
                    classWeights,
                    numbers(scope, hypers.get(i)),
                    learner.weights(),
                    learner.first(),
                    learner.second(),
                    learner.counts());
            outcomes.add(new Outcome(out.get(0).getFloat(), out.get(2).getFloat(), out.get(1)));
        }
        return outcomes;
    }

    /** Gradients of one probe before limiting, by name; nothing moves. */
    Map<String, NDArray> gradients(NDManager scope, int head, NDArray tokens, int[] labels) {
        NDList out = kernel.call(
                scope,
                "gradients",
                tokens,
                truth(scope, tokens, labels),
                classWeights,
                numbers(scope, new Hyper(0, 0)),
                learners.get(head).weights());
        Map<String, NDArray> gradients = new LinkedHashMap<>();
        for (int i = 0; i < names.size(); i++) {
            gradients.put(names.get(i), out.get(2 + i));
        }
        return gradients;
    }

    /**
     * Scores of one probe.
     *
     * @param tokens {@code [B, N, D]}, float32 or float16
     * @return logits {@code [B, C]} of the scope
     */
    public NDArray logits(NDManager scope, int head, NDArray tokens) {
        requireTokens(tokens);
        return kernel.call(scope, "scores", tokens, learners.get(head).weights())
                .singletonOrThrow();
    }

    /** A copy of one probe's weights by official name; those that its kernel does not use are as at the start. */
    public Map<String, HostTensor> state(int head) {
        Learner learner = learners.get(head);
        Map<String, HostTensor> state = new LinkedHashMap<>(learner.start());
        for (int i = 0; i < names.size(); i++) {
            NDArray weight = learner.weights().get(i);
            state.put(
                    names.get(i),
                    HostTensor.of(weight.toFloatArray(), weight.getShape().getShape()));
        }
        return state;
    }

    private NDArray numbers(NDManager scope, Hyper hyper) {
        double[] numbers = {hyper.learningRate(), hyper.weightDecay(), rule.clip(), rule.smoothing()};
        return scope.create(DoubleBuffer.wrap(numbers), new Shape(numbers.length), DataType.FLOAT64);
    }

    private NDArray truth(NDManager scope, NDArray tokens, int[] labels) {
        requireTokens(tokens);
        long[] truth = new long[labels.length];
        for (int i = 0; i < truth.length; i++) {
            if (labels[i] < 0 || labels[i] >= config.numClasses()) {
                throw new IllegalArgumentException(
                        "labels: want 0..%d, got %d".formatted(config.numClasses() - 1, labels[i]));
            }
            truth[i] = labels[i];
        }
        if (truth.length != tokens.getShape().get(0)) {
            throw new IllegalArgumentException("labels: want %d, one per row, got %d"
                    .formatted(tokens.getShape().get(0), truth.length));
        }
        return scope.create(truth);
    }

    private void requireTokens(NDArray tokens) {
        Shape shape = tokens.getShape();
        if (shape.dimension() != 3 || shape.get(2) != config.embedDim()) {
            throw new IllegalArgumentException("tokens: want [B, N, %d], got %s".formatted(config.embedDim(), shape));
        }
    }

    /** Frees the kernel and the owner with all arrays. */
    @Override
    public void close() {
        kernel.close();
        owner.close();
    }
}
