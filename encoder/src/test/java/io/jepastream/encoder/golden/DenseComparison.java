package io.jepastream.encoder.golden;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import io.jepastream.encoder.tensor.HostTensor;
import io.jepastream.encoder.tensor.Safetensors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.LongBuffer;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** One tensor file of a case of V-JEPA 2.1: reads its inputs, compares its outputs, and knows which were left out. */
public final class DenseComparison {
    private final GoldenCase golden;
    private final Safetensors file;
    private final NDManager scope;
    private final Set<String> compared = new TreeSet<>();

    /** Compares against one file of a case. */
    public DenseComparison(GoldenCase golden, Safetensors file, NDManager scope) {
        this.golden = golden;
        this.file = file;
        this.scope = scope;
    }

    public Safetensors file() {
        return file;
    }

    public boolean has(String name) {
        return file.names().contains(name);
    }

    /** Names of all outputs below a prefix. */
    public List<String> outputs(String prefix) {
        return file.names().stream()
                .filter(name -> name.startsWith(prefix))
                .sorted()
                .toList();
    }

    /** The names {@code NAME} of all {@code in/NAME} + suffix. */
    public List<String> inputs(String suffix) {
        return file.names().stream()
                .filter(name -> name.startsWith("in/") && name.endsWith(suffix))
                .map(name -> name.substring("in/".length(), name.length() - suffix.length()))
                .sorted()
                .toList();
    }

    /** Sides of a tensor. */
    public long[] shape(String name) {
        try {
            return file.read(name).shape();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A tensor as the model takes it: bytes as the manifest means them. */
    public NDArray input(String name) throws IOException {
        HostTensor tensor = GoldenCase.input(file, name);
        Shape shape = new Shape(tensor.shape());
        return switch (tensor.dtype()) {
            case I64 -> scope.create(LongBuffer.wrap(tensor.longs()), shape, DataType.INT64);
            default -> scope.create(tensor.floats(), shape);
        };
    }

    /** Requires an output to be close to the recorded one. */
    public void compare(String name, NDArray got) throws IOException {
        JsonNode tolerance = golden.node().path("tolerance");
        double atol = tolerance.path("suggested_atol").asDouble();
        double rtol = tolerance.path("suggested_rtol").asDouble();
        Closeness.requireClose(golden.id() + " " + name, got, file.read(name), atol, rtol);
        compared.add(name);
    }

    /** Requires that every output below a prefix has been compared. */
    public void requireAll(String prefix) {
        assertThat(compared)
                .as("%s: outputs compared", golden.id())
                .containsExactlyInAnyOrderElementsOf(outputs(prefix));
        assertThat(compared).as("%s: outputs compared", golden.id()).isNotEmpty();
    }
}
