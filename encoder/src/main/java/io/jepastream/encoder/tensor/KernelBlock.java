package io.jepastream.encoder.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Parameter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * A block that owns its parameters by their official names and leaves the arithmetic to a {@link Kernel}.
 *
 * <p>Belongs to the thread of its {@link DeviceExecutor}; the parameters live as long as the manager given to
 * {@link #load}.
 */
public abstract class KernelBlock extends AbstractBlock {
    private static final int NAMED_IN_ERRORS = 8;

    private final Map<String, Shape> shapes;

    /** Declares the parameters; the order is that of the official state dictionaries. */
    protected KernelBlock(Map<String, Shape> shapes) {
        this.shapes = new LinkedHashMap<>(shapes);
        // Shapes stay here: a DJL parameter takes either a shape or an array.
        shapes.keySet()
                .forEach(name -> addParameter(Parameter.builder()
                        .setName(name)
                        .setType(Parameter.Type.WEIGHT)
                        .build()));
    }

    /**
     * Fills every parameter, strictly.
     *
     * @param owner manager that the parameters are attached to
     * @param state tensors under the declared names, any floating type; kept as float32
     * @param what name of the thing being loaded, for errors
     * @throws IllegalArgumentException naming the first missing, unexpected, mis-shaped or non-finite tensor
     */
    protected final void load(NDManager owner, Map<String, HostTensor> state, String what) {
        requireSameNames(state.keySet(), what);
        parameters.forEach((name, parameter) -> {
            HostTensor tensor = state.get(name);
            Shape shape = shapeOf(name);
            long[] wanted = shape.getShape();
            if (tensor == null || !Arrays.equals(wanted, tensor.shape())) {
                throw new IllegalArgumentException("%s: tensor '%s': want shape %s, got %s"
                        .formatted(what, name, Arrays.toString(wanted), tensor));
            }
            float[] values = tensor.floats();
            requireFinite(values, what, name);
            // create() borrows Java memory; the copy is the engine's own and may be kept.
            try (NDArray borrowed = owner.create(values, shape)) {
                NDArray own = borrowed.duplicate();
                own.attach(owner);
                parameter.setArray(own);
            }
        });
    }

    /**
     * The arrays of the named parameters, in that order; they stay owned by this block. A bias that the model was built
     * without is zeros, so that a kernel needs no second form.
     */
    protected final NDList arrays(NDManager owner, List<String> names) {
        NDList list = new NDList(names.size());
        for (String name : names) {
            Parameter parameter = parameters.get(name);
            list.add(parameter == null ? absentBias(owner, name) : parameter.getArray());
        }
        return list;
    }

    private NDArray absentBias(NDManager owner, String name) {
        if (!name.endsWith(".bias")) {
            throw new IllegalArgumentException("parameter '%s': want one of %s".formatted(name, shapes.keySet()));
        }
        return owner.zeros(new Shape(shapeOf(name.replaceAll("bias$", "weight")).get(0)));
    }

    private Shape shapeOf(String name) {
        Shape shape = shapes.get(name);
        if (shape == null) {
            throw new IllegalArgumentException("parameter '%s': want one of %s".formatted(name, shapes.keySet()));
        }
        return shape;
    }

    /** Names of all parameters in declaration order. */
    public final List<String> parameterNames() {
        return List.copyOf(parameters.keySet());
    }

    private void requireSameNames(Set<String> got, String what) {
        Set<String> missing = new TreeSet<>(parameters.keySet());
        missing.removeAll(got);
        Set<String> unexpected = new TreeSet<>(got);
        unexpected.removeAll(parameters.keySet());
        if (!missing.isEmpty() || !unexpected.isEmpty()) {
            List<String> problems = new ArrayList<>();
            missing.stream().limit(NAMED_IN_ERRORS).forEach(name -> problems.add("missing '%s'".formatted(name)));
            unexpected.stream().limit(NAMED_IN_ERRORS).forEach(name -> problems.add("unexpected '%s'".formatted(name)));
            throw new IllegalArgumentException("%s: want exactly %d tensors, got %d: %s"
                    .formatted(what, parameters.size(), got.size(), String.join(", ", problems)));
        }
    }

    private static void requireFinite(float[] values, String what, String name) {
        for (int i = 0; i < values.length; i++) {
            if (!Float.isFinite(values[i])) {
                throw new IllegalArgumentException(
                        "%s: tensor '%s': want finite values, got %s at index %d".formatted(what, name, values[i], i));
            }
        }
    }

    /** {@inheritDoc} Kernels take any grid, so shapes are known only after a call. */
    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
        throw new UnsupportedOperationException("output shapes of a kernel block are known only after a call");
    }
}
