package io.jepastream.encoder.golden;

import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import io.jepastream.encoder.tensor.HostTensor;
import java.util.LinkedHashMap;
import java.util.Map;

/** Weights that are a hash of their index, so that a model of any shape needs no file. */
public final class HashFill {
    private static final double WEIGHT_SCALE = 0.2;

    private HashFill() {}

    /** Parameters by name; a tensor's place in {@code order} seeds it. */
    public static Map<String, HostTensor> state(Map<String, Shape> shapes, JsonNode order) {
        Map<String, HostTensor> state = new LinkedHashMap<>();
        for (int j = 0; j < order.size(); j++) {
            String name = order.get(j).asText();
            Shape shape = shapes.getOrDefault(name, new Shape());
            float one = name.contains("norm") && name.endsWith("weight") ? 1 : 0;
            state.put(name, HostTensor.of(values((int) shape.size(), j, WEIGHT_SCALE, one), shape.getShape()));
        }
        return state;
    }

    /** Values of the tensor of number {@code j}. */
    public static float[] values(int size, int j, double scale, float offset) {
        float[] out = new float[size];
        for (int i = 0; i < size; i++) {
            int h = i * 0x9E3779B1 + j * 0x85EBCA77 + 0x27D4EB2F;
            h = (h ^ (h >>> 15)) * 0x85EBCA6B;
            h = (h ^ (h >>> 13)) * 0xC2B2AE35;
            h ^= h >>> 16;
            out[i] = (float) ((2 * Integer.toUnsignedLong(h) / 4294967296.0 - 1) * scale + offset);
        }
        return out;
    }
}
