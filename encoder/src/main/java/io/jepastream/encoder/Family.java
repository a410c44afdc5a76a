package io.jepastream.encoder;

import java.util.Arrays;

/** Generations of V-JEPA; position rules and the order of the probe's parts hang on it. */
public enum Family {
    /** V-JEPA (arXiv:2404.08471): sin-cos table, interpolated for other grids. */
    VJEPA1("vjepa1"),
    /** V-JEPA 2 (arXiv:2506.09985): rotary positions, or a table that is cut for shorter clips. */
    VJEPA2("vjepa2"),
    /** V-JEPA 2.1 (arXiv:2603.14482): other rotary positions, images through patches of their own, four levels. */
    VJEPA21("vjepa2.1");

    private final String id;

    Family(String id) {
        this.id = id;
    }

    /** Name in a bundle's {@code config.json}. */
    public String id() {
        return id;
    }

    static Family named(String id) {
        for (Family family : values()) {
            if (family.id.equals(id)) {
                return family;
            }
        }
        throw new IllegalArgumentException("family: want one of %s, got '%s'"
                .formatted(Arrays.stream(values()).map(Family::id).toList(), id));
    }
}
