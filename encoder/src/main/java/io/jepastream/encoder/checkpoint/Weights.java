package io.jepastream.encoder.checkpoint;

import java.util.List;

/** Which of a checkpoint's two encoders. */
public enum Weights {
    /**
     * The moving average, which the published numbers are of. The distilled V-JEPA 2.1 files have it under a name of
     * their own.
     */
    TARGET("target_encoder", "ema_encoder"),
    /** The one under training, which the hub's loader and the Hugging Face files take. */
    ONLINE("encoder", "encoder");

    private final String key;
    private final String alias;

    Weights(String key, String alias) {
        this.key = key;
        this.alias = alias;
    }

    /** Its usual key at the top of a checkpoint. */
    public String key() {
        return key;
    }

    /** Its keys at the top of a checkpoint, the usual one first. */
    public List<String> keys() {
        return key.equals(alias) ? List.of(key) : List.of(key, alias);
    }
}
