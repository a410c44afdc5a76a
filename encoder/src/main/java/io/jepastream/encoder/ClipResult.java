package io.jepastream.encoder;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** What a model says about one clip: an embedding of {@code rows x dim} numbers, and the logits of every head. */
public final class ClipResult {
    private final float[] vector;
    private final int rows;
    private final int dim;
    private final Map<String, float[]> logits;

    /**
     * A result.
     *
     * @param vector {@code rows x dim} numbers, row by row; not copied
     * @param rows of the embedding
     * @param dim width of a row
     * @param logits by head name; the arrays are not copied
     */
    public ClipResult(float[] vector, int rows, int dim, Map<String, float[]> logits) {
        EncoderConfig.require(vector.length == rows * dim, "vector: want %d x %d, got %d", rows, dim, vector.length);
        this.vector = vector;
        this.rows = rows;
        this.dim = dim;
        this.logits = Collections.unmodifiableMap(new LinkedHashMap<>(logits));
    }

    /** The embedding, row by row; not a copy, read only by convention. */
    public float[] vector() {
        return vector;
    }

    /** One for mean pooling, else time steps, queries or tokens. */
    public int rows() {
        return rows;
    }

    /** Width D of a row. */
    public int dim() {
        return dim;
    }

    /** Logits by head name, in the order in which the heads were given; the arrays are not copies. */
    public Map<String, float[]> logits() {
        return logits;
    }
}
