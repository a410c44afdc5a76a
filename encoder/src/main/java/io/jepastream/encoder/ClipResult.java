package io.jepastream.encoder;

import java.util.Map;

/** Stand-in. */
public final class ClipResult {
    public float[] vector() {
        return new float[0];
    }

    public int rows() {
        return 0;
    }

    public int dim() {
        return 0;
    }

    public Map<String, float[]> logits() {
        return Map.of();
    }
}
